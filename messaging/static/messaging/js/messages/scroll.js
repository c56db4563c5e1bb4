// A list of messages stays at its end while the reader is there, but takes nothing away that was on no screen yet; it
// stays still while they read further up. At its end scrollTop is 0, further up it is less (chat.css).
//
// Whatever comes in is grouped before it is measured, for that changes its height: so it is done from here.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("scroll", (pane) => {
  const SLACK = 80, MARGIN = 56
  const { element, list, signal } = pane
  const log = list.parentElement
  const hasNewer = () => "newer" in (list.lastElementChild?.dataset ?? {})
  const newest = () => Number(list.lastElementChild?.dataset.newer ?? list.lastElementChild?.dataset.number ?? 0)
  const isAtEnd = () => log.scrollTop > -SLACK && !hasNewer()
  const topOf = (element) => element.getBoundingClientRect().top - log.getBoundingClientRect().top
  // Not its top: the name of its author and its day go when older messages come in above.
  const bottomOf = (element) => element.getBoundingClientRect().bottom - log.getBoundingClientRect().top
  const line = () => list.querySelector(":scope > .line")
  let follow = true // the reader is at the end
  let anchor = null // else a message that is on the screen, and where
  let left // scrollTop, as it was left here: any other is the reader's doing
  let wasLive = !hasNewer() // nothing was missing at the end

  const held = () => anchor && document.getElementById(anchor.id)
  const note = () => {
    // Scrolling rounds: were the place noted anew each time, a reader would drift.
    const isSame = !follow && log.scrollTop === left && held()
    follow = isAtEnd()
    if (isSame) return
    const [message] = pane.screen.messages()
    anchor = message ? { id: message.id, bottom: bottomOf(message) } : null
    left = log.scrollTop
  }
  const place = () => {
    const unseen = pane.reading?.firstUnseen()
    if (follow) log.scrollTop = 0
    if (follow && unseen) log.scrollTop += Math.min(0, topOf(unseen) - MARGIN)
    if (!follow && held()) log.scrollTop += bottomOf(held()) - anchor.bottom
    left = log.scrollTop
  }
  const arrange = (records) => {
    pane.grouping.group(records)
    place()
  }
  // The line goes before what the reader has marked as unread,
  const divide = () => {
    const unseen = pane.reading.firstUnseen()
    if (!unseen) return
    unseen.before(line() ?? document.getElementById("line").content.firstElementChild.cloneNode(true))
    arrange(observer.takeRecords())
  }
  // and before what came while they were elsewhere, and had seen all that was there.
  const draw = (added) => {
    const unseen = pane.reading?.firstUnseen()
    if (wasLive && added.includes(unseen) && (document.visibilityState !== "visible" || !isAtEnd())) divide()
  }
  const show = (records) => {
    arrange(records)
    draw(records.flatMap(({ addedNodes }) => [...addedNodes]))
    wasLive = !hasNewer()
    note()
  }
  const observer = new MutationObserver(show)
  const showAll = () => {
    pane.grouping.groupAll()
    place()
    note()
  }

  log.style.overflowAnchor = "none" // not twice, where the browser would do some of it
  log.addEventListener("scroll", note)
  element.addEventListener("bellwire:screen", note)
  document.addEventListener("bellwire:midnight", showAll, { signal })
  pane.ready(() => {
    new ResizeObserver(() => {
      anchor = null
      note()
    }).observe(log)
    observer.observe(list, { childList: true, subtree: true })
    const start = list.querySelector(":scope > :is(:target, [autofocus])")
    showAll()
    wasLive = !hasNewer()
    start?.scrollIntoView({ block: "center" })
    note()
  })

  const toEnd = () => {
    follow = true
    place()
    note()
  }
  return { isAtEnd, hasNewer, newest, toEnd, divide }
})
