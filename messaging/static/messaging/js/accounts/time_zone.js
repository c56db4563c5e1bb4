// Tells the site in which time zone the browser is, once and whenever that has become another.
(() => {
  const { said, say } = document.currentScript.dataset
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  if (!timeZone || timeZone === said) return
  const headers = JSON.parse(document.body.getAttribute("hx-headers"))
  const body = new URLSearchParams({ time_zone: timeZone })
  // What has no answer is said again by the next page.
  fetch(say, { method: "POST", headers, body, keepalive: true }).catch(() => {})
})()
