// Cursors: how far the page is in each stream that it follows; the scripts after this one ask here.
//
// A stream's place is the data-seq of its element #cursor-…, which every frame replaces.
const cursors = {
  seqOf: (element) => Number(element?.dataset.seq ?? 0),
  placeIn: (stream) => cursors.seqOf(document.getElementById(`cursor-${stream.replace(".", "-")}`)),
}
