// The peer in Socket.IO: its Redis adapter, WebSocket transport only, one room.
const { createServer } = require("node:http")
const { Server } = require("socket.io")
const { createAdapter } = require("@socket.io/redis-adapter")
const { createClient } = require("redis")

const [port, redisSocket] = process.argv.slice(2)
const publisher = createClient({ socket: { path: redisSocket } })
const subscriber = publisher.duplicate()
const events = publisher.duplicate()
Promise.all([publisher.connect(), subscriber.connect(), events.connect()]).then(async () => {
  const server = createServer()
  const io = new Server(server, { transports: ["websocket"], perMessageDeflate: false, adapter: createAdapter(publisher, subscriber) })
  io.on("connection", (socket) => socket.join("bench"))
  await events.subscribe("bench", (message) => io.local.to("bench").emit("html", message))
  server.listen(Number(port), "127.0.0.1", () => console.log("ready"))
})
