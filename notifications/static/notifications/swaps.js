// Swaps: what comes twice counts once, what comes late is put in its place, no element goes back to an older state.
//
// A pushed element with an id and a data-seq is newer than the one shown if its data-seq is greater. Elements with a
// data-number stand in the order of their numbers.
(() => {
  const seq = (element) => Number(element?.dataset.seq ?? 0)
  const cursor = (stream) => document.getElementById(`cursor-${stream.replace(".", "-")}`)

  const keepNewer = (fresh) => {
    for (const inner of fresh.querySelectorAll("data[id][data-seq]")) {
      const shown = document.getElementById(inner.id)
      if (seq(shown) > seq(inner)) inner.dataset.seq = shown.dataset.seq
    }
  }

  const placeByNumber = (fresh, list) => {
    const next = [...list.querySelectorAll(":scope > [data-number]")].find(
      (element) => Number(element.dataset.number) > Number(fresh.dataset.number),
    )
    if (next) {
      next.before(fresh)
      htmx.process(fresh)
    }
  }

  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    const { target, fragment } = detail
    if (fragment.id && fragment.id === target.id) {
      // A whole list that comes afresh replaces the one shown, unless that is further already.
      detail.shouldSwap = seq(cursor(fragment.dataset.stream)) <= seq(fragment)
      return
    }
    for (const fresh of [...fragment.children]) {
      keepNewer(fresh)
      const shown = fresh.id && document.getElementById(fresh.id)
      if (!fresh.id || !fresh.dataset.seq) continue
      if (shown && seq(shown) >= seq(fresh)) {
        fresh.remove()
      } else if (shown && shown !== target) {
        shown.replaceWith(fresh)
        htmx.process(fresh)
      } else if (!shown && fresh.dataset.number) {
        placeByNumber(fresh, target)
      }
    }
    detail.shouldSwap = fragment.hasChildNodes()
  })
})()
