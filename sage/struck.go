package sage

// StruckOut is a text with *** in the place of every secret, in each form in which programs write one down; see strike. It
// is the last look at what leaves this computer: nothing is meant to be found by then.
func StruckOut(text string, secrets ...Secret) string {
	var values []concealed
	for _, secret := range secrets {
		values = add(values, conceal(secret.Reveal()))
	}
	return strike(text, values)
}
