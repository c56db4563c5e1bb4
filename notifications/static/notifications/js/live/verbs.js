// Verbs: what append, prepend, replace, update and remove bring comes in a template, which may hold rows of tables too.
//
// The envelope's data-stream and data-seq say where it belongs; a region that was fetched since shows it already.
window.bellwire ??= {}
bellwire.verbs = (() => {
  // htmx swaps in what is in the envelope or, for replace, the envelope itself.
  const envelopeIn = (fragment) => [fragment, fragment.firstElementChild].find((element) => element?.dataset?.verb)

  const isShown = ({ stream, seq }, target) => {
    const { placeIn, seqOf } = bellwire.cursors
    return stream && seq <= Math.max(placeIn(stream), seqOf(target.closest(`[data-live="${stream}"]`)))
  }

  const unpack = (envelope, detail) => {
    const { target, fragment } = detail
    if (isShown(envelope.dataset, target)) detail.shouldSwap = false
    else if (envelope === fragment) fragment.append(fragment.content)
    else envelope.replaceWith(envelope.content)
  }

  return { envelopeIn, unpack }
})()
