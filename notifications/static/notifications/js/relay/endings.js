// Endings: what each close code means, and what the page then does.
window.bellwire ??= {}
bellwire.endings = (() => {
  const SOONEST = 500, LATEST = 10_000, CROWDED_FOR = 60_000
  let attempts = 0
  let isWaitingToBeSeen = false

  const later = (seconds) => () => bellwire.socket.connectIn(Math.random() * seconds * 1_000)
  // Half of it by chance: so many pages may have lost the same server.
  const retry = () => {
    const longest = Math.min(SOONEST * 2 ** attempts, LATEST)
    attempts += 1
    bellwire.socket.connectIn(longest * (1 + Math.random()) / 2)
  }
  // Not when a connection opens, which may end at once.
  const heard = () => {
    attempts = 0
    isWaitingToBeSeen = false
    bellwire.banner.takeBack("crowded")
  }
  const whenSeen = () => {
    if (document.visibilityState === "visible") later(1)()
    else isWaitingToBeSeen = true
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible" || !isWaitingToBeSeen) return
    isWaitingToBeSeen = false
    bellwire.socket.connectIn(0)
  })
  const stop = () => bellwire.banner.insist("stopped")
  // Of the sockets that count some may be dead, which the server does not know yet. Whoever comes here has closed some.
  const makeRoom = () => {
    bellwire.banner.insist("crowded")
    isWaitingToBeSeen = true
    bellwire.socket.connectIn(CROWDED_FOR)
  }
  // A region goes; a page that was all about what is gone has a notice of that, which takes the place of all beside it.
  const leave = (follower) => {
    const { stream } = follower.dataset
    // One's own stream is refused to nobody: by now somebody else is signed in here.
    if (stream.startsWith("user.")) return location.reload()
    const region = follower.closest(".live")
    const notice = document.querySelector("[data-gone]")
    const gone = region ?? follower
    gone.remove()
    if (!region && notice) {
      notice.hidden = false
      notice.parentElement.replaceChildren(notice)
    }
    bellwire.socket.forget(stream)
  }
  const leaveAll = () => bellwire.socket.followers().forEach(leave)
  const heedMark = ({ target, fragment }) => {
    if ("over" in (fragment.dataset ?? {})) leave(target)
  }
  const signIn = () => {
    const address = document.getElementById("connection")?.dataset.signIn
    if (address) location.assign(`${address}?next=${encodeURIComponent(location.pathname)}`)
  }

  const answers = {
    1000: whenSeen, 1001: whenSeen, 4012: later(5), 4013: later(5), 4429: makeRoom,
    4008: stop, 4401: signIn, 4403: leaveAll, 4404: leaveAll,
  }
  const answer = (code) => (answers[code] ?? retry)()

  return { answer, heard, leave, heedMark }
})()
