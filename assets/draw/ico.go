package main

import (
	"bytes"
	"encoding/binary"
	"image"
)

// ico packs pictures of at most 256 pixels into a Windows icon, as bitmaps with alpha: every version of Windows
// and of its tray reads those.
func ico(pictures ...*image.NRGBA) []byte {
	var head, body bytes.Buffer
	put := func(b *bytes.Buffer, values ...any) {
		for _, v := range values {
			_ = binary.Write(b, binary.LittleEndian, v) // a bytes.Buffer takes everything
		}
	}
	put(&head, uint16(0), uint16(1), uint16(len(pictures)))
	const header, entry, info = 6, 16, 40
	offset := header + entry*len(pictures)
	for _, p := range pictures {
		side := p.Bounds().Dx()
		maskRow := (side + 31) / 32 * 4
		size := info + side*side*4 + maskRow*side
		put(&head, uint8(side%256), uint8(side%256), uint8(0), uint8(0), uint16(1), uint16(32), uint32(size), uint32(offset))
		offset += size
		put(&body, uint32(info), int32(side), int32(2*side), uint16(1), uint16(32), uint32(0), uint32(0),
			int32(0), int32(0), uint32(0), uint32(0))
		for y := side - 1; y >= 0; y-- {
			for x := range side {
				c := p.NRGBAAt(x, y)
				body.Write([]byte{c.B, c.G, c.R, c.A})
			}
		}
		body.Write(make([]byte, maskRow*side)) // the old one-bit mask: alpha decides
	}
	return append(head.Bytes(), body.Bytes()...)
}
