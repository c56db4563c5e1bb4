// Swaps: what comes twice counts once, what comes late is put in its place, no element goes back to an older state.
//
// A pushed element with an id and a data-seq is newer than the one shown if its data-seq is greater. Elements with a
// data-number stand in the order of their numbers. Where a list has a [data-older] link, what is older than its first comes
// by that; where it has a [data-newer] link, what is newer than its last does, and the link says the newest number.
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

  // A script whose reader is in the middle of something there has it stay, by preventDefault().
  const mayReplace = (shown, fresh) =>
    shown.dispatchEvent(new CustomEvent("bellwire:replace", { bubbles: true, cancelable: true, detail: { fresh } }))

  const keepHeld = (list) => {
    for (const fresh of list.querySelectorAll("[id][data-seq]")) {
      const shown = document.getElementById(fresh.id)
      if (shown && !mayReplace(shown, fresh)) fresh.replaceWith(shown)
    }
  }

  // From the end on, where most belong.
  const neighboursOf = (fresh, list) => {
    let before = list.lastElementChild, next = null
    for (; before && !(number(before) && number(before) < number(fresh)); before = before.previousElementSibling) {
      if (number(before)) next = before
    }
    return { before, next }
  }

  const placeByNumber = (fresh, list) => {
    const { before, next } = neighboursOf(fresh, list)
    const [older, newer] = [list.firstElementChild, list.lastElementChild]
    if (next && !before && "older" in older.dataset) {
      fresh.remove()
    } else if (!next && newer && "newer" in newer.dataset) {
      newer.dataset.newer = Math.max(newer.dataset.newer, number(fresh))
      fresh.remove()
    } else if (next) {
      next.before(fresh)
      htmx.process(fresh)
    }
  }

  const keepNewest = (detail) => {
    const { target, fragment } = detail
    const { placeIn, seqOf } = bellwire.cursors
    if (fragment.dataset?.stream && (!fragment.id || fragment.id === target.id)) {
      // A whole list that comes afresh replaces the one shown, unless that is further already.
      detail.shouldSwap = placeIn(fragment.dataset.stream) <= seqOf(fragment)
      if (detail.shouldSwap) keepHeld(fragment)
      return
    }
    const came = [...fragment.children]
    for (const fresh of came) {
      keepNewer(fresh)
      const shown = fresh.id && document.getElementById(fresh.id)
      if (!fresh.id || !fresh.dataset.seq) continue
      if (shown && (seqOf(shown) >= seqOf(fresh) || !mayReplace(shown, fresh))) {
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
