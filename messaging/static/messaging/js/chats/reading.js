// Reading: while the chat is visible, what it shows is read, and the server is told, at most every second.
(() => {
  const reading = document.getElementById("reading")
  if (!reading) return
  const { chat } = reading.dataset
  const newest = () => Number([...document.querySelectorAll("#messages > [data-number]")].at(-1)?.dataset.number ?? 0)
  const readSoFar = () => Number(document.getElementById(`chat-read-${chat}`)?.dataset.seq ?? Infinity)
  const notices = () => document.querySelectorAll(`.bell-toast[data-subject="chat.${chat}"]`)
  let waiting = false

  const read = () => {
    waiting = false
    if (document.visibilityState !== "visible") return
    if (newest() > readSoFar() || notices().length) {
      htmx.trigger(reading, "bellwire:read")
      notices().forEach((toast) => toast.remove())
    }
  }
  const soon = () => {
    if (!waiting) setTimeout(read, 1_000)
    waiting = true
  }
  reading.addEventListener("htmx:configRequest", ({ detail }) => detail.parameters.set("number", newest()))
  document.addEventListener("htmx:wsAfterMessage", soon)
  document.addEventListener("visibilitychange", soon)
  addEventListener("focus", soon)
})()
