// Endings: what each close code means, and what the page then does.
window.bellwire ??= {}
bellwire.endings = (() => {
  const CROWDED_FOR = 60_000
  const waitingToBeSeen = []

  const later = (seconds) => (element, socket) => setTimeout(() => socket.reconnect(), Math.random() * seconds * 1_000)
  const whenSeen = (element, socket) => {
    if (document.visibilityState === "visible") later(1)(element, socket)
    else waitingToBeSeen.push(socket)
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") waitingToBeSeen.splice(0).forEach((socket) => socket.reconnect())
  })
  const stop = () => bellwire.banner.insist("stopped")
  // Of the sockets that count some may be dead, which the server does not know yet.
  const makeRoom = (element, socket) => {
    bellwire.banner.insist("crowded")
    setTimeout(() => socket.reconnect(), CROWDED_FOR)
  }
  // A region goes; a page that was all about what is gone has a notice of that, which takes the place of all beside it.
  const leave = (element) => {
    bellwire.sockets.settle(element)
    // One's own stream is refused to nobody: by now somebody else is signed in here.
    if (element.dataset.stream.startsWith("user.")) return location.reload()
    const gone = element.closest(".live")
    const notice = document.querySelector("[data-gone]")
    if (gone) {
      gone.remove()
    } else if (notice) {
      notice.hidden = false
      notice.parentElement.replaceChildren(notice)
    }
  }
  const signIn = () => {
    const address = document.getElementById("connection")?.dataset.signIn
    if (address) location.assign(`${address}?next=${encodeURIComponent(location.pathname)}`)
  }

  // Those that are not here (1006, 1011, 1012) htmx answers by trying again.
  const answers = {
    1000: whenSeen, 1001: whenSeen, 4012: later(5), 4013: later(5), 4429: makeRoom,
    4008: stop, 4401: signIn, 4403: leave, 4404: leave,
  }
  const answer = (code, element, socket) => answers[code]?.(element, socket)

  return { answer, leave }
})()
