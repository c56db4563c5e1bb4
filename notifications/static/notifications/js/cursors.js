// Cursors: how far the page is in each stream that it follows.
//
// A stream's place is the data-seq of its element #cursor-…, which every frame replaces.
//
// All scripts share one global name, `bellwire`; each that others call adds itself to it, whichever comes first.
window.bellwire ??= {}
bellwire.cursors = (() => {
  const seqOf = (element) => Number(element?.dataset.seq ?? 0)
  const placeIn = (stream) => seqOf(document.getElementById(`cursor-${stream.replace(".", "-")}`))
  return { seqOf, placeIn }
})()
