// Listen to streams of a Bellwire, in a browser or in Node with the package `ws`, by the rules of docs/integrations-live.md:
//
//     const listener = listen("https://chat.example.org", token, { "chat.12": 41, "user.7": null }, async (event) => …)
//
// `handle` is called with one event after the other. What it has handled is in `places`, so keep those to go on from there.

export type Event = { stream: string; seq: number; type: string; [field: string]: unknown }
export type Places = Record<string, number | null>
type Sockets = new (url: string, protocols: string[]) => WebSocket

const STOP = new Set([4008, 4401, 4403, 4404])
const SOON = new Set([4012, 4013])
const CROWDED = 4429
const SILENCE = 60_000

/** Return how many milliseconds to wait before the next try. */
export function pause(code: number, tries: number): number {
  if (code === CROWDED) return 60_000
  if (SOON.has(code)) return Math.random() * 5_000
  return (Math.min(500 * 2 ** tries, 10_000) * (1 + Math.random())) / 2
}

/** Listen until `stop` is called, or `stopped` is: with the close code for which it makes no sense to come back, or with
 * what `handle` has thrown. `Sockets` is what makes a WebSocket. */
export function listen(
  site: string,
  token: string,
  places: Places,
  handle: (event: Event) => unknown,
  stopped: (why: unknown) => void = () => {},
  Sockets: Sockets = globalThis.WebSocket,
) {
  let work: Promise<unknown> = Promise.resolve() // events and ends, each after the one before
  let timer: ReturnType<typeof setTimeout> | undefined
  let leave = () => {} // the connection that is there
  let tries = 0
  let isOver = false

  const take = async (event: Event) => {
    tries = 0
    if (event.type !== "synced") await handle(event)
    if (event.type === "over") delete places[event.stream]
    else if (event.stream in places) places[event.stream] = event.seq
  }
  const stop = (why?: unknown) => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    leave()
    if (why !== undefined) stopped(why)
  }
  const comeBack = (code: number) => {
    if (isOver) return
    if (STOP.has(code)) return stop(code)
    timer = setTimeout(connect, pause(code, tries))
    tries += 1
  }

  function connect() {
    const query = new URLSearchParams(Object.entries(places).map(([name, seq]) => [name, String(seq ?? "")]))
    const url = `${site.replace(/\/$/, "").replace("http", "ws")}/ws/live/?${query}`
    const socket = new Sockets(url, ["bellwire.json", `bearer.${token}`])
    let isGone = false
    let silence: ReturnType<typeof setTimeout>
    const end = (code: number | null) => {
      if (isGone) return
      isGone = true
      clearTimeout(silence)
      socket.close()
      // Not before all that has come is handled: it would come a second time.
      if (code !== null) work = work.then(() => comeBack(code))
    }
    const listenOn = () => {
      clearTimeout(silence)
      silence = setTimeout(() => end(1006), SILENCE)
    }
    listenOn()
    leave = () => end(null)
    socket.onerror = () => {} // a close follows
    socket.onclose = ({ code }) => end(code)
    socket.onmessage = ({ data }) => {
      if (isGone) return
      listenOn()
      work = work.then(() => (isOver ? undefined : take(JSON.parse(data)))).catch(stop)
    }
  }

  // A page that is left may be kept as it is, with its socket open, for as long as the browser likes.
  globalThis.addEventListener?.("pagehide", () => {
    clearTimeout(timer)
    leave()
  })
  globalThis.addEventListener?.("pageshow", (event) => {
    if ((event as PageTransitionEvent).persisted && !isOver) work = work.then(connect)
  })
  connect()
  return { places, stop: () => stop() }
}
