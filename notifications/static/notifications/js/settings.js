// Settings of htmx on which scripts and pages rest. A page's own <meta name="htmx-config"> wins: htmx reads it afterwards.
Object.assign(htmx.config, {
  // Places, and whatever else can be pushed, say hx-swap-oob also inside of what is fetched: there they are content.
  allowNestedOobSwaps: false,
  // What is never answered has failed: a form says so, a region is fetched again and lets go of what it held back.
  timeout: 20_000,
  // A strict content security policy forbids both.
  allowEval: false,
  includeIndicatorStyles: false,
})
// A form that was not in order comes back with what to change.
htmx.config.responseHandling.unshift({ code: "422", swap: true })
