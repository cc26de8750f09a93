/** The words of the way to the search. */
export const words = {
  search: "Search chats",
  notLoaded: "The search could not be loaded.",
};
