/** A wire between the page and the server that can be cut, and on which bytes are counted. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Passes connections on until it is cut; then those there are end, and no new one is taken. */
export class Wire {
  #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port: number;
  /** Bytes that came from the server, heads and all, and when. */
  #received: { bytes: number; at: number }[] = [];

  /** `from`: the address of this machine that the server sees its visitors come from. `port`: where to listen, wherever it is not told. */
  constructor(
    private target: URL,
    private readonly from?: string,
    port = 0,
  ) {
    this.#port = port;
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Bytes that had come from the server by `time`, in milliseconds since the epoch. */
  received(time = Infinity): number {
    return this.#received.reduce((sum, { bytes, at }) => (at <= time ? sum + bytes : sum), 0);
  }

  /** Leads to another server from now on. */
  lead(target: URL): void {
    this.target = target;
  }

  async mend(): Promise<void> {
    const server = createServer((reader) => {
      const { port, hostname: host } = this.target;
      const upstream = connect({ port: Number(port), host, ...(this.from && { localAddress: this.from }) });
      for (const [socket, other] of [
        [reader, upstream],
        [upstream, reader],
      ] as const) {
        this.#sockets.add(socket);
        socket.on("error", () => other.destroy());
        socket.on("close", () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
      upstream.on("data", ({ length }: Buffer) => this.#received.push({ bytes: length, at: Date.now() }));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
