// Events: server-sent ones, for where no WebSocket can be had, in the shape of one, so that all else need not know.
window.bellwire ??= {}
bellwire.Events = class extends EventTarget {
  constructor(url) {
    super()
    this.readyState = WebSocket.CONNECTING
    this.source = new EventSource(url)
    this.source.onopen = () => {
      this.readyState = WebSocket.OPEN
      this.dispatchEvent(new Event("open"))
    }
    this.source.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent("message", { data }))
    this.source.addEventListener("close", ({ data }) => this.end(JSON.parse(data).code))
    // It would come back by itself, not at the times of endings.js, and from where it was and not where the page is.
    this.source.onerror = () => this.end(1006)
  }

  set onopen(heed) { this.addEventListener("open", heed) }
  set onerror(heed) { this.addEventListener("error", heed) }
  set onclose(heed) { this.addEventListener("close", heed) }

  close() {
    this.source.close()
    this.readyState = WebSocket.CLOSED
  }
  end(code) {
    this.close()
    this.dispatchEvent(new CloseEvent("close", { code }))
  }
}
