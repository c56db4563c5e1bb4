// Soon: what many things ask for is done once for all of them, before the page is painted next.
window.bellwire ??= {}
bellwire.soon = (work) => {
  const LATEST = 250 // a page that is hidden paints nothing
  let isWaiting = false
  const run = () => {
    if (isWaiting) work()
    isWaiting = false
  }
  return () => {
    if (isWaiting) return
    isWaiting = true
    requestAnimationFrame(run)
    setTimeout(run, LATEST)
  }
}
