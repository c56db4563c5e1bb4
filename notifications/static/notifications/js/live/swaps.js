// Swaps: what comes twice counts once, what comes late is put in its place, no element goes back to an older state.
//
// A pushed element with an id and a data-seq is newer than the one shown if its data-seq is greater. Elements with a
// data-number stand in the order of their numbers; a list with a [data-older] link shows the newest of them, and what is
// older than its first comes by that link.
window.bellwire ??= {}
bellwire.swaps = (() => {
  const number = (element) => Number(element?.dataset.number ?? 0)

  const keepNewer = (fresh) => {
    const { seqOf } = bellwire.cursors
    for (const inner of fresh.querySelectorAll("[id][data-seq]")) {
      const shown = document.getElementById(inner.id)
      if (seqOf(shown) > seqOf(inner)) inner.replaceWith(shown.cloneNode(true))
    }
  }

  const placeByNumber = (fresh, list) => {
    const numbered = [...list.querySelectorAll(":scope > [data-number]")]
    const next = numbered.find((element) => number(element) > number(fresh))
    if (next && next === numbered[0] && list.querySelector(":scope > [data-older]")) {
      fresh.remove()
    } else if (next) {
      next.before(fresh)
      htmx.process(fresh)
    }
  }

  const keepNewest = (detail) => {
    const { target, fragment } = detail
    const { placeIn, seqOf } = bellwire.cursors
    if (fragment.dataset?.stream && fragment.id === target.id) {
      // A whole list that comes afresh replaces the one shown, unless that is further already.
      detail.shouldSwap = placeIn(fragment.dataset.stream) <= seqOf(fragment)
      return
    }
    const came = [...fragment.children]
    for (const fresh of came) {
      keepNewer(fresh)
      const shown = fresh.id && document.getElementById(fresh.id)
      if (!fresh.id || !fresh.dataset.seq) continue
      if (shown && seqOf(shown) >= seqOf(fresh)) {
        fresh.remove()
      } else if (shown && shown !== target) {
        shown.replaceWith(fresh)
        htmx.process(fresh)
      } else if (!shown && fresh.dataset.number) {
        placeByNumber(fresh, target)
      }
    }
    // All of it was old, or has its place already. What came empty is meant to be: it empties or deletes.
    if (came.length && !fragment.hasChildNodes()) detail.shouldSwap = false
  }

  return { keepNewest }
})()
