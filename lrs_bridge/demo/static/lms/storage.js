// Keeps values for tools, by the tool's origin, as long as this page is open (1EdTech, LTI postMessage Storage).
const here = document.currentScript.dataset;
const kept = new Map();

const answers = {
  "lti.capabilities": () => ({
    supported_messages: ["lti.capabilities", "lti.put_data", "lti.get_data"].map((subject) =>
      here.frame ? { subject, frame: here.frame } : { subject },
    ),
  }),
  "lti.put_data": ({ key, value }, origin) => {
    if (typeof value === "string") kept.set(`${origin} ${key}`, value);
    else kept.delete(`${origin} ${key}`);
    return { key, value };
  },
  "lti.get_data": ({ key }, origin) => ({ key, value: kept.get(`${origin} ${key}`) ?? null }),
};

window.addEventListener("message", (event) => {
  const { subject, message_id, ...asked } = Object(event.data);
  if (!here.answers.split(" ").includes(subject)) return;
  const said = answers[subject](asked, event.origin);
  event.source.postMessage({ subject: `${subject}.response`, message_id, ...said }, event.origin);
});
