// Frames: what becomes of each part of what the server sends, before htmx swaps it in.
//
// The one place that knows in which order: the scripts named here listen to no swap themselves.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const { verbs, swaps, regions, rows, endings } = bellwire
  const envelope = verbs.envelopeIn(detail.fragment)
  if (envelope) {
    // The verb says where it goes, and the envelope whether it is new: swaps and rows have no say in it.
    verbs.unpack(envelope, detail)
  } else {
    // First of all: swaps takes out what is old, and replaces rows that are shown, one with the focus too.
    const before = rows.note(detail)
    swaps.keepNewest(detail)
    regions.heedMark(detail)
    endings.heedMark(detail)
    rows.putInOrder(detail, before)
  }
})
