// Package guitest looks at a screen as a person does who has nothing but a keyboard: it visits what is to be seen, walks the
// Tab key once around, and tells what could be clicked on but never gets the focus. It is for tests alone: it reads what
// widgets are drawn from, which the program itself must not.
package guitest
