// Swaps: what comes twice counts once, what comes late is put in its place, nothing goes back to an older state.
//
// A pushed element with an id and a data-seq is newer than the one shown if its data-seq is greater. Elements with a
// data-number stand in the order of their numbers.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const { target, fragment } = detail
  // A whole list that comes afresh replaces the one shown, with what that has already.
  if (fragment.id && fragment.id === target.id) return
  for (const fresh of [...fragment.children].filter((element) => element.id && element.dataset.seq)) {
    const shown = document.getElementById(fresh.id)
    if (shown && Number(shown.dataset.seq) >= Number(fresh.dataset.seq)) {
      fresh.remove()
    } else if (shown && shown !== target) {
      shown.replaceWith(fresh)
      htmx.process(fresh)
    } else if (!shown && fresh.dataset.number) {
      const next = [...target.querySelectorAll(":scope > [data-number]")].find(
        (element) => Number(element.dataset.number) > Number(fresh.dataset.number),
      )
      if (next) {
        next.before(fresh)
        htmx.process(fresh)
      }
    }
  }
  detail.shouldSwap = fragment.hasChildNodes()
})
