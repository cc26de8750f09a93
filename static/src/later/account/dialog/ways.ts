/** By what somebody can sign in, as far as the dialog asks for it. */
export interface Ways {
  /** The name of the password; null: there is none. */
  login: string | null;
  passkeys: number;
}
