// A launch's proof in the LMS's own storage, for frames that our cookies are kept out of.
// 1EdTech: LTI Client Side postMessages, LTI postMessage Storage, LTI OIDC Login with LTI Client Side postMessages.
const page = document.querySelector("[data-storage]");
const { key, value, frame, origin } = page.dataset;
const lms = window.parent !== window ? window.parent : window.opener;

const pause = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));

// One message and its answer. `there` is the origin that is asked and has to answer; "*" for the first question,
// since the page around us need not be at the address that signs people in. Nothing secret goes there.
function ask(target, there, message) {
  return new Promise((resolve, reject) => {
    const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
    window.addEventListener("message", function hear(event) {
      const said = event.data;
      if (typeof said !== "object" || said === null || said.subject !== `${message.subject}.response`) return;
      if (there === "*" ? event.source !== target : event.origin !== there || said.message_id !== id) return;
      window.removeEventListener("message", hear);
      if (said.error) reject(new Error(said.error.code));
      else resolve(said);
    });
    target.postMessage({ ...message, message_id: id }, there);
  });
}

const named = (name) => (!name || name === "_parent" ? lms : lms.frames[name]);

// Which of the LMS's frames stores, in the LMS's own words.
async function capable(subject) {
  const said = await ask(lms, "*", { subject: "lti.capabilities" });
  const found = Array.isArray(said.supported_messages) && said.supported_messages.find((one) => one.subject === subject);
  if (!found) throw new Error("no storage");
  return found.frame;
}

// The frame named at login and the one named now: some LMSs do only the one, some only the other.
async function stored(message) {
  if (!lms) throw new Error("no LMS around us");
  const names = [capable(message.subject), ...(frame ? [Promise.resolve(frame)] : [])];
  return Promise.any(
    names.map(async (name) => {
      const target = named(await name);
      const said = await ask(target, origin, message);
      if (message.subject === "lti.get_data" && typeof said.value !== "string") throw new Error("nothing kept");
      return { target, said };
    }),
  );
}

// Where cookies come back after all, storage is a second string, and not worth a wait.
async function patience() {
  const kept = await fetch(page.dataset.mark).then((answer) => answer.json()).then((said) => said.kept, () => false);
  await pause(kept ? 300 : 3000);
}

function put() {
  const done = stored({ subject: "lti.put_data", key, value }).catch(() => {});
  Promise.race([done, patience()]).finally(() => window.location.replace(page.dataset.next));
}

async function get() {
  const door = document.getElementById("main");
  const asking = (now) => {
    page.hidden = !now;
    door.hidden = now;
  };
  asking(true);
  try {
    const late = pause(1500).then(() => Promise.reject(new Error("no answer")));
    const { target, said } = await Promise.race([stored({ subject: "lti.get_data", key }), late]);
    target.postMessage({ subject: "lti.put_data", key, value: null, message_id: "done" }, origin);
    const form = page.querySelector("form");
    form.elements.proof.value = said.value;
    form.submit();
  } catch {
    asking(false);
  }
}

if (page.dataset.storage === "put") put();
else get();
