/** The operator's own pages, such as those on privacy and on who they are: the build puts them in (`scripts/brand`). */
export const links: { label: string; address: string }[] = [];
