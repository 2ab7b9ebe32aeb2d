// Checks the text of a journey while it is typed: the server says what is wrong, nothing is saved by it. Without this
// script the button says the same.
const form = document.getElementById("text-form");
const area = document.getElementById("source");
const state = document.getElementById("check-state");
const where = document.getElementById("where");
let waiting;
let asked = 0;

const item = (text) => {
  const li = document.createElement("li");
  li.textContent = text;
  return li;
};

const goTo = (line) => {
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] || "").length);
  area.scrollTop = (area.scrollHeight / lines.length) * Math.max(0, line - 5);
};

const problem = ({ line, key, message }) => {
  const li = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-link btn-sm";
  button.textContent = `Line ${line}${key ? `, ${key}` : ""}`;
  button.addEventListener("click", () => goTo(line));
  li.append(button, ` ${message}`);
  return li;
};

const show = (found) => {
  const problems = found.problems.map(problem);
  if (found.more) problems.push(item(`And ${found.more} more.`));
  document.getElementById("problems").replaceChildren(...problems);
  document.getElementById("remarks").replaceChildren(...found.remarks.map(item));
  document.getElementById("remarks-box").hidden = !found.remarks.length;
  state.textContent = found.problems.length ? "This has to be mended. Not saved yet:" : "Nothing is wrong. Not saved yet.";
};

const check = async () => {
  const mine = ++asked;
  try {
    const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form) });
    if (!answer.ok) throw new Error(String(answer.status));
    const found = await answer.json();
    if (mine === asked) show(found);
  } catch {
    if (mine === asked) state.textContent = "It could not be checked just now. Saving checks it.";
  }
};

const tellWhere = () => {
  where.hidden = false;
  where.textContent = `Line ${area.value.slice(0, area.selectionStart).split("\n").length}`;
};

area.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(check, 500);
});
for (const kind of ["keyup", "click"]) area.addEventListener(kind, tellWhere);
