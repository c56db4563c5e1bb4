// Live regions: one that has missed something is fetched afresh from the address that it came from.
//
// [data-refresh] fetches the [data-live] after it; what is pushed to the region's stream meanwhile waits for the answer,
// and verbs.js leaves out what that shows already.
window.bellwire ??= {}
bellwire.regions = (() => {
  const SPREAD = 500 // so many pages may lack the same thing, and ask for it at once
  const AGAIN_AFTER = 5_000
  const fetches = new Map() // stream → its regions that are being fetched, and the frames that came meanwhile
  const isRefresh = (element) => "refresh" in element.dataset
  const regionOf = (refresh) => refresh.parentElement.querySelector(":scope > [data-live]")
  const fetchAfter = (refresh, delay) => setTimeout(() => htmx.trigger(refresh, "bellwire:stale"), delay)

  // What was missed is too much, or is known no more: the mark for that comes in its place.
  const heedMark = ({ target, fragment }) => {
    if (isRefresh(target) && "stale" in fragment.dataset) fetchAfter(target, Math.random() * SPREAD)
  }

  // A part of the page that was rendered before something came that the page has had already.
  document.addEventListener("htmx:load", ({ target }) => {
    const { placeIn, seqOf } = bellwire.cursors
    for (const refresh of target.querySelectorAll("[data-refresh]")) {
      if (seqOf(regionOf(refresh)) < placeIn(refresh.dataset.refresh)) fetchAfter(refresh, 0)
    }
  })

  document.addEventListener("htmx:beforeRequest", ({ target }) => {
    if (!isRefresh(target)) return
    const { refresh: stream } = target.dataset
    if (!fetches.has(stream)) fetches.set(stream, { regions: new Set(), frames: [] })
    fetches.get(stream).regions.add(target)
  })
  // Each stream's part of a frame ends with its cursor.
  const PARTS = /.*?<data id="cursor-[^>]* data-stream="([^"]*)"[^>]*><\/data>|.+$/gs
  const holdBack = (part, stream) => {
    const fetch = fetches.get(stream)
    fetch?.frames.push(part)
    return fetch ? "" : part
  }
  htmx.defineExtension("bellwire", {
    transformResponse: (frame) => (fetches.size ? frame.replace(PARTS, holdBack) : frame),
  })
  document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
    if (!isRefresh(detail.requestConfig.elt)) return
    // Nothing else of the answer: its cursors would say that the page has had what only this region shows. A template
    // is inert: a document would apply the styles of the answer, which have another nonce.
    const answer = document.createElement("template")
    answer.innerHTML = detail.serverResponse
    const fresh = answer.content.getElementById(target.id)
    detail.shouldSwap &&= Boolean(fresh)
    detail.serverResponse = fresh?.outerHTML
  })
  document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (!isRefresh(target)) return
    const { refresh: stream } = target.dataset
    const { regions, frames } = fetches.get(stream)
    regions.delete(target)
    // The last answer may be older than what has come since the first.
    if (![...regions].some((region) => region.isConnected)) {
      fetches.delete(stream)
      for (const frame of frames) htmx.swap(target, frame, { swapStyle: "none" })
    }
    if (!detail.successful) fetchAfter(target, AGAIN_AFTER)
  })

  return { heedMark }
})()
