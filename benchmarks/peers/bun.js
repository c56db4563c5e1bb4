// The peer in Bun: its own server, whose pub/sub sends an event to every socket, and its own Redis client.
const [port, redisSocket] = process.argv.slice(2)
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("A WebSocket, please.", { status: 426 })),
  websocket: { perMessageDeflate: false, open: (socket) => socket.subscribe("bench"), message() {} },
})
const subscriber = new Bun.RedisClient(`redis+unix://${redisSocket}`)
await subscriber.subscribe("bench", (message) => server.publish("bench", message))
console.log("ready")
