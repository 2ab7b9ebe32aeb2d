// Tells the LMS that its registration window may be closed (LTI Dynamic Registration 1.0), after a while for reading,
// or when the button is pressed. There is nothing secret in the message, so it goes to whoever opened us.
const page = document.querySelector("[data-close-after]");
const lms = window.opener || window.parent;
const close = () => lms.postMessage({ subject: "org.imsglobal.lti.close" }, "*");
const waiting = setTimeout(close, Number(page.dataset.closeAfter) * 1000);

for (const button of page.querySelectorAll("button")) {
  button.hidden = lms === window;
  button.addEventListener("click", () => {
    clearTimeout(waiting);
    if (button.name === "close") close();
    else button.hidden = true;
  });
}
