// Has each of some programs post to a hook, and says what each makes of the answer, as send.py does.
const [address] = process.argv.slice(2)
const done = {}

async function attempt(name, send) {
  try {
    done[name] = (await send()) ?? true
  } catch (error) {
    done[name] = `${error.name}: ${error.message ?? error}`
  }
}

const called = (start) => new Promise((resolve, reject) => start((error) => error ? reject(error) : resolve(true)))

async function main() {
  await attempt("@slack/webhook", async () => {
    const { IncomingWebhook } = require("@slack/webhook")
    return (await new IncomingWebhook(address).send({ text: "by @slack/webhook", icon_emoji: ":tada:" })).text === "ok"
  })
  await attempt("node-slack", () => called((end) => new (require("node-slack"))(address).send({ text: "by node-slack" }, end)))
  await attempt("node-slackr", () => called((end) => new (require("node-slackr"))(address).notify("by node-slackr", end)))
  await attempt("slack-incoming-webhook", () => called((end) =>
    require("slack-incoming-webhook")({ url: address })("by slack-incoming-webhook", end)))
  await attempt("typed-slack", async () => {
    const { IncomingWebhook } = require("typed-slack")
    await new IncomingWebhook(address).send({ text: "by typed-slack" })
  })
  await attempt("winston", () => called((end) => {
    const Slack = require("winston-slack-webhook-transport")
    const transport = new Slack({ webhookUrl: address, mrkdwn: false })
    transport.log({ level: "info", message: "by winston" }, () => end())
  }))
}

// Also where one of them never comes back to say so: then its name is missing.
process.on("exit", () => console.log(JSON.stringify(done)))
main()
