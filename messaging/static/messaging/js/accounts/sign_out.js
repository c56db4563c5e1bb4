// Signing out takes what tabs have kept for this person with it: no draft waits for whoever uses the machine next.
//
// With HTTPS the answer has the browser do the same (Clear-Site-Data).
(() => {
  // Each tab has a storage of its own, and the form is sent in one of them.
  const tabs = new BroadcastChannel("bellwire:sign-out")
  const forget = () => sessionStorage.clear()

  document.addEventListener("submit", ({ target }) => {
    if (!target.matches("[data-sign-out]")) return
    forget()
    tabs.postMessage("")
  })
  tabs.addEventListener("message", forget)
})()
