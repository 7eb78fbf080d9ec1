package simulation

// plantedBugs are the bugs with the seeds that catch them, as TestHuntPlantedBugs prints them.
var plantedBugs = []planted{
	{"copies and then removes where it should move", 0, "1 no dropped byte is lost"},
	{"forgets to sync the folder in which it lays something down", 149, "5 the Inbox is whole"},
	{"forgets to sync what it lays down", 149, "5 the Inbox is whole"},
	{"moves over what is there", 0, "8 journeys end"},
	{"removes and then writes where it should move", 0, "1 no dropped byte is lost"},
	{"shows what it is still writing", 0, "5 the Inbox is whole"},
	{"tidies up the Outbox", 6, "1 no dropped byte is lost"},
	{"writes outside of its folders", 0, "6 nothing is written outside"},
}
