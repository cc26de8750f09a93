/** Whether the page has a service worker. The switch for the day on which that does harm: docs/operate.md. */
export const HAS_WORKER = true as boolean;
