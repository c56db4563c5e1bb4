// Live regions: one that has missed something is fetched afresh from the address that it came from.
//
// [data-refresh] fetches the [data-live] after it; what is pushed to the region's stream meanwhile waits for the answer,
// and verbs.js leaves out what that shows already.
(() => {
  const SPREAD = 500 // so many pages may lack the same thing, and ask for it at once
  const AGAIN_AFTER = 5_000
  const held = new Map() // stream → the frames that came while its region was fetched
  const isRefresh = (element) => "refresh" in element.dataset
  const regionOf = (refresh) => refresh.parentElement.querySelector(":scope > [data-live]")
  const fetchAfter = (refresh, delay) => setTimeout(() => htmx.trigger(refresh, "bellwire:stale"), delay)

  document.addEventListener("htmx:oobBeforeSwap", ({ target, detail }) => {
    if (isRefresh(target) && "stale" in detail.fragment.dataset) fetchAfter(target, Math.random() * SPREAD)
  })

  // A part of the page that was rendered before something came that the page has had already.
  document.addEventListener("htmx:load", ({ target }) => {
    for (const refresh of target.querySelectorAll("[data-refresh]")) {
      if (cursors.seqOf(regionOf(refresh)) < cursors.placeIn(refresh.dataset.refresh)) fetchAfter(refresh, 0)
    }
  })

  document.addEventListener("htmx:beforeRequest", ({ target }) => {
    if (isRefresh(target)) held.set(target.dataset.refresh, held.get(target.dataset.refresh) ?? [])
  })
  document.addEventListener("htmx:wsBeforeMessage", (event) => {
    const frames = held.get(event.target.dataset.stream)
    if (!frames) return
    frames.push(event.detail.message)
    event.preventDefault()
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
    const frames = held.get(target.dataset.refresh) ?? []
    held.delete(target.dataset.refresh)
    for (const frame of frames) htmx.swap(target, frame, { swapStyle: "none" })
    if (!detail.successful) fetchAfter(target, AGAIN_AFTER)
  })
})()
