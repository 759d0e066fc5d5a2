// Appended to Sources/RunAPI/Web/nestbox.js in /nestbox.js and /nestbox.mjs: a WebSocket (RFC 6455), as far as the client
// needs one, for versions of Node before 22, which have none. Browsers never use it.

webSocket = async () => {
  if (!globalThis.process?.versions?.node) return null;
  const [http, https, crypto] = await Promise.all(["http", "https", "crypto"].map((name) => import(`node:${name}`)));
  return class {
    readyState = 0;
    #socket = null;
    #data = Buffer.alloc(0);
    #parts = [];

    constructor(url, protocols) {
      const request = (url.protocol === "wss:" ? https : http).request({
        host: url.hostname.replace(/^\[|\]$/g, ""), port: url.port, path: url.pathname, servername: url.hostname, headers: {
          host: url.host, connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13",
          "sec-websocket-key": crypto.randomBytes(16).toString("base64"), "sec-websocket-protocol": protocols.join(", "),
        },
      });
      request.on("upgrade", (_, socket, head) => {
        this.#socket = socket;
        this.readyState = 1;
        socket.on("data", (data) => this.#take(data));
        socket.on("close", () => this.#closed(1006));
        socket.on("error", () => {});
        this.onopen?.();
        this.#take(head);
      });
      request.on("response", (answer) => {
        answer.resume();
        this.#closed(1006, `the service answered ${answer.statusCode}`);
      });
      request.on("error", (error) => this.#closed(1006, error.message));
      request.end();
    }

    #closed(code, reason = "") {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.onclose?.({ code, reason });
    }

    #take(data) {
      this.#data = Buffer.concat([this.#data, data]);
      while (this.#data.length >= 2) {
        const [first, second] = this.#data;
        const start = second === 126 ? 4 : second === 127 ? 10 : 2;
        if (this.#data.length < start) return;
        const length = start === 4 ? this.#data.readUInt16BE(2) : start === 10 ? Number(this.#data.readBigUInt64BE(2)) : second;
        if (length > 64 * 2 ** 20) return this.#socket.destroy();
        if (this.#data.length < start + length) return;
        const payload = this.#data.subarray(start, start + length);
        this.#data = this.#data.subarray(start + length);
        this.#frame(first & 15, payload, first >= 128);
      }
    }

    #frame(opcode, payload, isLast) {
      if (opcode === 9) this.#write(10, payload);
      if (opcode === 8) {
        this.#write(8, payload.subarray(0, 2));
        this.#socket.end();
        this.#closed(payload.length >= 2 ? payload.readUInt16BE(0) : 1005);
      }
      if (opcode > 2) return;
      this.#parts.push(payload);
      if (!isLast) return;
      const text = Buffer.concat(this.#parts).toString();
      this.#parts = [];
      this.onmessage?.({ data: text });
    }

    #write(opcode, payload) {
      const [mask, long] = [crypto.randomBytes(4), Buffer.alloc(8)];
      long.writeBigUInt64BE(BigInt(payload.length));
      const size = payload.length < 126 ? [128 | payload.length] : payload.length < 65536 ? [254, ...long.subarray(6)] : [255, ...long];
      const masked = payload.map((byte, index) => byte ^ mask[index & 3]);
      this.#socket.write(Buffer.concat([Buffer.from([128 | opcode, ...size]), mask, masked]));
    }

    send(text) {
      if (this.readyState === 1) this.#write(1, Buffer.from(text));
    }
    close(code = 1000) {
      // As in browsers: pending data is sent, and the peer's close frame ends the connection.
      if (this.readyState !== 1) return;
      this.readyState = 2;
      this.#write(8, Buffer.from([code >> 8, code & 255]));
      setTimeout(() => this.#socket.destroy(), 2000).unref();
    }
  };
};
