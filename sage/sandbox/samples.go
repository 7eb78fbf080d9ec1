package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// The samples are valid under the contracts and the same every time, so that a demonstration and a test can rely on
// them. Money is written as decimals, from whole cents.

// SampleOrders is a file of n orders, numbered from 1001.
func SampleOrders(n int) []byte { return SampleOrdersFrom(1001, n) }

// SampleOrdersFrom is a file of n orders, numbered from first: files with different numbers share no order.
func SampleOrdersFrom(first, n int) []byte {
	return array(n, func(i int) any { return sampleOrder(first + i) })
}

// SampleCustomers is a list of n customers.
func SampleCustomers(n int) []byte {
	return array(n, func(i int) any { return sampleCustomer(i) })
}

// SampleProducts is a list of n products.
func SampleProducts(n int) []byte {
	return array(n, func(i int) any { return sampleProduct(i) })
}

// SampleCompanySettings is a list with the settings of one company.
func SampleCompanySettings(company string) []byte {
	return array(1, func(int) any { return sampleSetting(company) })
}

func array(n int, record func(int) any) []byte {
	var out bytes.Buffer
	out.WriteString("[")
	for i := range n {
		raw, err := json.MarshalIndent(record(i), "  ", "  ")
		if err != nil {
			panic("sandbox: " + err.Error()) // plain structs
		}
		if i > 0 {
			out.WriteString(",")
		}
		out.WriteString("\n  ")
		out.Write(raw)
	}
	out.WriteString("\n]\n")
	return out.Bytes()
}

type order struct {
	ID              string      `json:"id"`
	OrderDate       string      `json:"orderDate"`
	OrderStatus     string      `json:"orderStatus"`
	DeliveryAddress address     `json:"deliveryAddress"`
	InvoiceAddress  address     `json:"invoiceAddress"`
	Customer        customer    `json:"customer"`
	Lines           []orderLine `json:"orderLines"` // [A], as the totals
	Discount        json.Number `json:"discount"`
	CurrencyRate    json.Number `json:"currencyRate"`
	PaymentMethod   string      `json:"paymentMethod"`
	TotalShipping   json.Number `json:"totalShipping"`
	TotalNet        json.Number `json:"totalNet"`
	TotalTax        json.Number `json:"totalTax"`
	Total           json.Number `json:"total"`
}

type orderLine struct {
	ProductID string      `json:"productId"`
	Name      string      `json:"name"`
	Quantity  int         `json:"quantity"`
	NetPrice  json.Number `json:"netPrice"`
	Tax       json.Number `json:"tax"`
}

type address struct {
	ID          string `json:"id"`
	ContactName string `json:"contactName"`
	Address1    string `json:"address1"`
	City        string `json:"city"`
	Country     string `json:"country"`
	Region      string `json:"region,omitempty"`
	PostCode    string `json:"postCode"`
	Telephone1  string `json:"telephone1"`
	Timestamp   string `json:"timestamp"`
}

type customer struct {
	ID        string      `json:"id"`
	IDNumber  string      `json:"idNumber"`
	FirstName string      `json:"firstName"`
	LastName  string      `json:"lastName"`
	Email     string      `json:"email"`
	Addresses []address   `json:"addresses"`
	Type      string      `json:"type"`
	Currency  string      `json:"currency"`
	Tax       json.Number `json:"tax"`
	Surcharge bool        `json:"surcharge"`
	Timestamp string      `json:"timestamp"`
}

type product struct {
	ID               string      `json:"id"`
	Reference        string      `json:"reference"`
	Name             string      `json:"name"`
	ShortDescription string      `json:"shortDescription"`
	BarCodeType      string      `json:"barCodeType"`
	BarCode          string      `json:"barCode"`
	NetPrice         json.Number `json:"netPrice"`
	Tax              json.Number `json:"tax"`
	Discount         json.Number `json:"discount"`
	DiscountByUnit   bool        `json:"discountByUnit"`
	Surcharge        bool        `json:"surcharge"`
	DateAdded        string      `json:"dateAdded"`
	Brand            string      `json:"brand"`
	Category         string      `json:"category"`
}

// sampleDay is when the samples were made, as it were.
var sampleDay = time.Date(2026, time.November, 2, 8, 0, 0, 0, time.UTC)

func stamp(i int) string {
	return sampleDay.Add(time.Duration(i) * 37 * time.Minute).Format(time.RFC3339)
}

func pick[T any](list []T, i int) T { return list[i%len(list)] }

type place struct{ street, city, postCode, region, country string }

var (
	firstNames = []string{
		"Amelia", "Oliver", "Isla", "George", "Ava", "Harry", "Emily", "Noah", "Lucía", "Mateo", "Sofía", "Hugo",
		"Freya", "Arthur", "Niamh", "Rhys", "Zoë", "Jürgen", "Ines", "Callum",
	}
	lastNames = []string{
		"Smith", "Jones", "Taylor", "Brown", "O'Connor", "Williams", "García", "Fernández", "Murphy", "Evans",
		"Walker", "Wright", "Thompson", "White", "Hughes", "Núñez", "Byrne", "Clarke", "Patel", "Morgan", "Reid",
		"Kowalski", "Davies",
	}
	places = []place{
		{"High Street", "Bath", "BA1 5AQ", "Somerset", "GB"},
		{"Quayside", "Newcastle upon Tyne", "NE1 3DX", "Tyne and Wear", "GB"},
		{"Calle Mayor", "Madrid", "28013", "Madrid", "ES"},
		{"Station Road", "Cambridge", "CB1 2JW", "Cambridgeshire", "GB"},
		{"Rúa do Franco", "Santiago de Compostela", "15702", "A Coruña", "ES"},
		{"Merchant Street", "Edinburgh", "EH1 2QD", "Midlothian", "GB"},
		{"Grafton Street", "Dublin", "D02 YX88", "Leinster", "IE"},
		{"Castle Street", "Cardiff", "CF10 1BU", "South Glamorgan", "GB"},
		{"Carrer de Mallorca", "Barcelona", "08036", "Barcelona", "ES"},
		{"Deansgate", "Manchester", "M3 2FF", "Greater Manchester", "GB"},
	}
	goods = []struct{ name, description, brand, category string }{
		{"Oak desk organiser", "Five compartments, oiled", "Fernhill", "Office"},
		{"Linen tea towel", "Set of two, 50 x 70 cm", "Loom & Leaf", "Kitchen"},
		{"Enamel mug", "350 ml, dishwasher safe", "Harbour", "Kitchen"},
		{"Ruled notebook A5", "192 pages, thread-bound", "Paperwright", "Stationery"},
		{"Beeswax candle", "Burns for 40 hours", "Fernhill", "Home"},
		{"Wool throw", "130 x 180 cm, undyed", "Loom & Leaf", "Home"},
		{"Fountain pen", "Medium nib, refillable", "Paperwright", "Stationery"},
		{"Cast-iron pan", "26 cm, seasoned", "Harbour", "Kitchen"},
		{"Canvas tote bag", "12 l, organic cotton", "Loom & Leaf", "Bags"},
		{"Ceramic planter", "18 cm, with saucer", "Terrace", "Garden"},
		{"Garden trowel", "Ash handle", "Terrace", "Garden"},
		{"Olive oil soap", "100 g", "Aurora", "Bath"},
		{"Desk lamp", "Dimmable, warm white", "Fernhill", "Office"},
	}
	dialling = map[string]string{"GB": "+44 1632", "ES": "+34 910", "IE": "+353 1 6"}
	variants = []string{"", "small", "large", "natural", "black", "slate", "gift set"}
	payments = []string{"card", "bankTransfer", "paypal", "card", "invoice"}
)

func sampleAddress(i int, contact string) address {
	p := pick(places, i*7)
	return address{
		ID: fmt.Sprintf("A-%d", 2000+i), ContactName: contact, Address1: fmt.Sprintf("%d %s", 3+i*13%180, p.street),
		City: p.city, Country: p.country, Region: p.region, PostCode: p.postCode,
		Telephone1: fmt.Sprintf("%s 96%04d", dialling[p.country], (i*7919)%10000), Timestamp: stamp(i),
	}
}

func sampleCustomer(i int) customer {
	first, last := pick(firstNames, i*3), pick(lastNames, i*5+i/len(lastNames))
	return customer{
		ID: fmt.Sprintf("C-%d", 1001+i), IDNumber: fmt.Sprintf("%s%09d", pick(places, i*7).country, 100000000+i*7321),
		FirstName: first, LastName: last, Email: fmt.Sprintf("customer%d@example.com", 1001+i),
		Addresses: []address{sampleAddress(i, first+" "+last)},
		Type:      pick([]string{"private", "business"}, i/3), Currency: pick([]string{"GBP", "GBP", "EUR"}, i),
		Tax: "20", Surcharge: i%11 == 0, Timestamp: stamp(i),
	}
}

// productCents is the net price of a product, in cents.
func productCents(i int) int { return 350 + (i*1237)%6400 }

func productName(i int) string {
	name, variant := pick(goods, i).name, pick(variants, i/len(goods))
	if variant == "" {
		return name
	}
	return name + ", " + variant
}

func sampleProduct(i int) product {
	g := pick(goods, i)
	return product{
		ID: fmt.Sprintf("P-%d", 501+i), Reference: fmt.Sprintf("%02d-%c%03d", 10+i%80, 'A'+rune(i%26), i%1000),
		Name: productName(i), ShortDescription: g.description, BarCodeType: "EAN13", BarCode: barCode(i),
		NetPrice: cents(productCents(i)), Tax: "20", Discount: pick([]json.Number{"0", "0", "0", "2.5", "10"}, i),
		DiscountByUnit: false, Surcharge: false, DateAdded: stamp(i * 5), Brand: g.brand, Category: g.category,
	}
}

// barCode is an EAN-13 with its check digit.
func barCode(i int) string {
	digits := fmt.Sprintf("50%010d", (i*104729)%10000000000)
	sum := 0
	for at, d := range digits {
		weight := 1 + 2*(at%2)
		sum += weight * int(d-'0')
	}
	return fmt.Sprintf("%s%d", digits, (10-sum%10)%10)
}

func sampleOrder(number int) order {
	c := sampleCustomer(number % 97)
	o := order{
		ID: fmt.Sprintf("A-%d", number), OrderDate: stamp(number % 500), OrderStatus: "paid",
		DeliveryAddress: c.Addresses[0], InvoiceAddress: c.Addresses[0], Customer: c,
		Discount: "0.00", CurrencyRate: "1", PaymentMethod: pick(payments, number),
	}
	net := 0
	for line := range 1 + number%4 {
		i := (number*3 + line*11) % 200
		quantity := 1 + (number+line)%3
		net += quantity * productCents(i)
		o.Lines = append(o.Lines, orderLine{
			ProductID: fmt.Sprintf("P-%d", 501+i), Name: productName(i), Quantity: quantity,
			NetPrice: cents(productCents(i)), Tax: "20",
		})
	}
	shipping := pick([]int{0, 395, 495, 650}, number)
	tax := (net + shipping) / 5
	o.TotalShipping, o.TotalNet, o.TotalTax, o.Total = cents(shipping), cents(net), cents(tax), cents(net+shipping+tax)
	return o
}

// cents writes an amount as a decimal.
func cents(n int) json.Number { return json.Number(fmt.Sprintf("%d.%02d", n/100, n%100)) }

// sampleSetting has every property of the contract (sage-api.md 6).
func sampleSetting(company string) map[string]any {
	return map[string]any{
		"companyId": "1", "name": company, "address1": "3 High Street", "city": "Bath", "postCode": "BA1 5AQ",
		"country": "GB", "telephone": "+44 1632 960001", "vatRegistrationNumber": "GB123456789",
		"lastBackupDate": stamp(1), "lastCheckDataDate": stamp(2), "lastCheckDataErrors": 0,
		"lastCheckDataWarnings": 2, "lastCheckDataComments": 1, "variant": true, "gocardlessState": false,
		"invoicePaymentsState": true, "sagePaymentsState": false, "sagePayState": false, "bankFeedsState": true,
		"cisState": false, "charityState": false, "eBankingState": false, "mtdForVATState": true,
		"office365State": true, "timestamp": stamp(3),
	}
}
