/** What `npm run seed` fills the shop with: a line a product, as name | price | stock. */
const lines = `
Laptop 13", 16 GB | 1149.00 | 12
Laptop 14", 32 GB | 1499.00 | 9
Laptop 16", 64 GB | 2399.00 | 4
Mini PC, 16 GB | 549.00 | 15
Single-board computer, 8 GB | 89.90 | 60
Monitor 24", full HD | 139.00 | 22
Monitor 27", 4K | 329.00 | 18
Monitor 34", ultrawide | 449.00 | 7
Monitor arm, single | 64.90 | 35
Monitor arm, double | 109.00 | 16
Mechanical keyboard, 87 keys | 89.90 | 40
Mechanical keyboard, 104 keys | 99.90 | 33
Wireless keyboard, compact | 49.90 | 48
Numeric keypad | 24.90 | 27
Wireless mouse | 29.90 | 85
Vertical mouse | 44.90 | 31
Trackball | 54.90 | 14
Mouse mat, large | 14.90 | 120
Wrist rest | 17.90 | 66
Drawing tablet, A5 | 79.00 | 11
Webcam, 1080p | 59.90 | 44
Webcam, 4K | 129.00 | 13
Microphone, USB | 84.90 | 20
Microphone boom | 34.90 | 26
Ring light | 39.90 | 30
Headphones, closed | 119.00 | 25
Headphones, open | 149.00 | 17
Headset with microphone | 69.90 | 38
Earphones, wired | 19.90 | 90
Earphones, wireless | 99.00 | 52
Loudspeakers, pair | 139.00 | 12
Portable loudspeaker | 59.00 | 41
Record player | 219.00 | 6
USB audio interface | 109.00 | 19
Headphone stand | 22.90 | 34
Phone 6.1", 128 GB | 599.00 | 28
Phone 6.7", 256 GB | 849.00 | 16
Phone case, clear | 12.90 | 150
Screen protector, pair | 9.90 | 200
Phone stand | 15.90 | 75
Tablet 11", 128 GB | 429.00 | 21
Tablet cover | 34.90 | 58
Stylus | 39.90 | 43
E-book reader, 7" | 159.00 | 24
E-book reader cover | 24.90 | 37
Smart watch | 199.00 | 29
Watch strap, silicone | 14.90 | 95
Fitness band | 49.90 | 62
Power bank, 10,000 mAh | 24.90 | 80
Power bank, 20,000 mAh | 39.90 | 54
Charger, 30 W | 19.90 | 130
Charger, 65 W | 34.90 | 88
Charger, 100 W | 54.90 | 36
Wireless charger | 29.90 | 57
USB-C cable, 1 m | 7.90 | 300
USB-C cable, 2 m | 9.90 | 260
HDMI cable, 2 m | 11.90 | 140
DisplayPort cable, 2 m | 13.90 | 110
Ethernet cable, 5 m | 8.90 | 170
Extension lead, six sockets | 21.90 | 64
USB hub, four ports | 24.90 | 72
Docking station, two screens | 169.00 | 18
Card reader | 16.90 | 59
External SSD, 1 TB | 94.90 | 45
External SSD, 2 TB | 159.00 | 32
External hard disk, 4 TB | 109.00 | 23
Network storage, two bays | 259.00 | 8
USB stick, 64 GB | 8.90 | 220
USB stick, 256 GB | 22.90 | 115
Memory card, 128 GB | 18.90 | 135
Router, Wi-Fi 6 | 99.00 | 27
Wi-Fi mesh, two units | 179.00 | 14
Network switch, eight ports | 29.90 | 33
Access point, ceiling | 89.00 | 10
UPS, 600 VA | 94.90 | 13
Laser printer | 159.00 | 11
Ink printer with scanner | 89.00 | 17
Label printer | 49.90 | 22
Document scanner | 249.00 | 5
Toner, black | 59.90 | 46
Paper, 500 sheets | 5.90 | 400
Whiteboard, 90 × 60 cm | 49.00 | 15
Whiteboard markers, set of four | 6.90 | 180
Notebook, A5, dotted | 11.90 | 160
Ballpoint pens, ten | 4.90 | 240
Fountain pen | 29.90 | 26
Desk lamp, dimmable | 44.90 | 39
Light strip, 5 m | 27.90 | 53
Standing desk frame | 329.00 | 7
Desk top, oak, 160 cm | 149.00 | 9
Office chair | 289.00 | 12
Footrest | 32.90 | 28
Laptop stand | 34.90 | 61
Laptop backpack | 64.90 | 47
Laptop sleeve, 14" | 22.90 | 70
Cable box | 18.90 | 49
Cable ties, reusable, 50 | 5.90 | 310
Screwdriver set, 32 bits | 26.90 | 55
Soldering station | 119.00 | 9
Multimeter | 39.90 | 24
`

export const products = lines
  .trim()
  .split('\n')
  .map((line) => {
    const [name = '', price, stock] = line.split(' | ')
    return { name, price: Number(price), stock: Number(stock) }
  })

/** Not the `ana@example.com` of the tour in the README: that address has to be free for it. */
export const customers = [
  'Bruno',
  'Carla',
  'Diego',
  'Elena',
  'Fabio',
  'Gloria',
  'Hugo',
  'Irene',
  'Julio',
  'Karina',
].map((name) => ({ name, email: `${name.toLowerCase()}@example.com` }))
