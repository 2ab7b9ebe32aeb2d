// Presses the only button of the page; without script a person does.
document.getElementById("hand-over").submit();
