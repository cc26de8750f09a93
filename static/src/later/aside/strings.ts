/** The words of the way to another device, and of what is told about it while its dialog is closed. */
export const words = {
  take: "Take it with you",
  settings: "Settings",
  notLoaded: "This could not be loaded. Try again in a moment.",
  moved: {
    taken:
      "The chats of the other device are here now. This browser's own are kept: “Take it with you” leads back to them.",
    back: "This browser's own chats are back.",
  },
};
