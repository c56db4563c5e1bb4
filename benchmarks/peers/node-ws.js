// The peer in Node: one Redis subscription for the process, every event to every socket with the `ws` package.
const { WebSocketServer } = require("ws")
const { createClient } = require("redis")

const [port, redisSocket] = process.argv.slice(2)
const server = new WebSocketServer({ port: Number(port), host: "127.0.0.1", perMessageDeflate: false })
const subscriber = createClient({ socket: { path: redisSocket } })
subscriber.connect().then(() =>
  subscriber.subscribe("bench", (message) => {
    for (const socket of server.clients) socket.send(message)
  }),
).then(() => console.log("ready"))
