package disk

// Volume says on which volume a name lies, for a person: "/srv (nfs4)", "C:". It is "" where the system does not tell.
func (osFS) Volume(name string) string { return volume(name) }

// Opener names the program that has a file open, for a person; "" where the system does not tell, as of other users'.
func (osFS) Opener(name string) string { return opener(name) }
