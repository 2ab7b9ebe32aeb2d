// The tool in the frame says when it is done (LTI Dynamic Registration 1.0).
const frame = document.querySelector("iframe[data-done]");
window.addEventListener("message", (event) => {
  if (event.source === frame.contentWindow && event.data && event.data.subject === "org.imsglobal.lti.close") {
    window.location = frame.dataset.done;
  }
});
