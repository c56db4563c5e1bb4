// Verbs: what append, prepend, replace, update and remove bring comes in a template, which may hold rows of tables too.
//
// The envelope's data-stream and data-seq say where it belongs; a region that was fetched since shows it already.
(() => {
  const isShown = ({ stream, seq }, target) => {
    const { placeIn, seqOf } = bellwire.cursors
    return stream && seq <= Math.max(placeIn(stream), seqOf(target.closest(`[data-live="${stream}"]`)))
  }

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail
    // htmx swaps in what is in the envelope or, for replace, the envelope itself.
    const envelope = [fragment, fragment.firstElementChild].find((element) => element?.dataset?.verb)
    if (!envelope) return
    event.stopImmediatePropagation() // a verb needs nothing that swaps.js does
    if (isShown(envelope.dataset, target)) event.detail.shouldSwap = false
    else if (envelope === fragment) fragment.append(fragment.content)
    else envelope.replaceWith(envelope.content)
  })
})()
