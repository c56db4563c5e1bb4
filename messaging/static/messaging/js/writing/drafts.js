// Drafts: what stands in the composer is kept in this tab at once, and by the site a moment later, for other devices.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("draft", ({ composer, signal }) => {
  if (!composer) return undefined
  const { draft, keep: address } = composer.dataset
  const [text, isUnsaved, savedAt] = [`draft:${draft}`, `unsaved:${draft}`, `saved:${draft}`]
  // For this tab and this person only: a draft must not wait for whoever uses the machine next.
  const tab = sessionStorage
  const PAUSE = 1000 // milliseconds that nothing is typed for
  const kept = composer.elements.draft // says to the site that a message ends its draft
  let timer
  let isBusy = false
  let saves = 0
  let savesBefore = 0 // the message that is on its way

  const here = () => tab.getItem(text) ?? ""
  const later = () => {
    clearTimeout(timer)
    timer = setTimeout(save, PAUSE)
  }
  // One after the other: the last that is sent is the last that is kept.
  const save = async () => {
    clearTimeout(timer)
    if (!tab.getItem(isUnsaved) || isBusy) return
    const body = here()
    if (!body && !kept.value) return tab.removeItem(isUnsaved) // the site has none
    isBusy = true
    saves += 1
    kept.value = "kept"
    const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" }
    const request = { method: "POST", headers, body: new URLSearchParams({ body }), keepalive: true }
    const answer = await fetch(address, request).catch(() => null)
    isBusy = false
    if (answer?.status !== 204) return
    tab.setItem(savedAt, Date.now())
    if (here() === body) tab.removeItem(isUnsaved)
    else later()
  }
  // A page that was asked for before the site had saved the draft can bring the one of before.
  const isOlder = () => Number(tab.getItem(savedAt)) >= performance.timeOrigin
  const keep = (body) => {
    if (body === here()) return
    tab.setItem(text, body)
    tab.setItem(isUnsaved, "yes")
    later()
  }
  const going = () => { savesBefore = saves }
  const gone = () => { if (saves === savesBefore && !isBusy) kept.value = "" }
  // What the page begins with: what was refused, what only this tab has, or what the site has of any device.
  const begun = ({ defaultValue, ariaInvalid }) => {
    if (ariaInvalid) return defaultValue
    if (tab.getItem(isUnsaved) || isOlder()) {
      later()
      // What the page was made before the site may have by now.
      if (here()) kept.value = "kept"
      return here()
    }
    tab.setItem(text, defaultValue)
    return defaultValue
  }

  document.addEventListener("visibilitychange", () => { if (document.hidden) save() }, { signal })
  addEventListener("online", save, { signal })
  signal.addEventListener("abort", save)

  return { begun, going, gone, keep }
})
