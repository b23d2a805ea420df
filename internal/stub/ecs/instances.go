package ecs

import (
	"hash/fnv"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Instance statuses. Source: API reference, DescribeInstances.
const (
	Running = "Running"
	Stopped = "Stopped"
)

// An Instance is one ECS instance. Zero fields get defaults that fit.
type Instance struct {
	ID, Name, Region, Zone, Status string
	// Classic puts it on the classic network; VPC otherwise.
	Classic        bool
	PublicIP, EIP  string
	PrivateIP      string // classic: its inner address
	VPC, VSwitch   string
	Bandwidth      int // InternetMaxBandwidthOut, Mbit/s
	MACs           []string
	SecurityGroups []string
	Tags           map[string]string
	Locks          []string // OperationLocks' reasons
	OSType, OSName string
	Type           string
	ResourceGroup  string
	Created        time.Time
	Started        time.Time // of the last boot; zero is Created
	Disks          []Disk
	// Appending is until when data is appended below the disks after a
	// migration: they take no snapshots so long.
	Appending     time.Time
	TargetVPC     string // where a migration moves it; "" is a new one
	TargetVSwitch string // likewise
	TargetCIDR    netip.Prefix
	HealthStatus  string // of DescribeInstancesFullStatus; "" is Ok

	seq int64 // place in its region
}

// A Disk is a block device of an instance.
type Disk struct {
	ID, Name, Type, Category, Device, Status string
	SizeGiB                                  int
}

// clone is a copy that shares nothing.
func (in Instance) clone() *Instance {
	out := in
	out.MACs, out.SecurityGroups, out.Locks = slices.Clone(in.MACs), slices.Clone(in.SecurityGroups), slices.Clone(in.Locks)
	out.Disks = slices.Clone(in.Disks)
	out.Tags = make(map[string]string, len(in.Tags))
	for k, v := range in.Tags {
		out.Tags[k] = v
	}
	return &out
}

// fill gives an instance its defaults, the same ones for the same id.
func (in *Instance) fill() {
	def := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	tail := digest(in.ID)
	def(&in.Name, in.ID)
	def(&in.Zone, in.Region+"-h")
	def(&in.Status, Running)
	def(&in.OSType, "linux")
	def(&in.OSName, "CentOS 7.9 64 bit")
	def(&in.Type, "ecs.n4.large")
	def(&in.HealthStatus, "Ok")
	if !in.TargetCIDR.IsValid() {
		in.TargetCIDR = netip.PrefixFrom(netip.AddrFrom4([4]byte{172, 16, byte(tail), 0}), 24)
	}
	if in.Classic {
		def(&in.PrivateIP, hostIn(netip.MustParsePrefix("10.0.0.0/8"), in.ID))
		if in.MACs == nil {
			in.MACs = []string{mac(in.ID, 0), mac(in.ID, 1)} // inner, public
		}
	} else {
		def(&in.VPC, "vpc-bp1"+text36(tail))
		def(&in.VSwitch, "vsw-bp1"+text36(tail))
		def(&in.PrivateIP, hostIn(netip.MustParsePrefix("192.168.0.0/16"), in.ID))
		if in.MACs == nil {
			in.MACs = []string{mac(in.ID, 0)}
		}
	}
	if in.SecurityGroups == nil {
		in.SecurityGroups = []string{"sg-bp1" + text36(tail)}
	}
	if in.Created.IsZero() {
		in.Created = time.Date(2017, 12, 10, 4, 4, 0, 0, time.UTC)
	}
	if in.Started.IsZero() {
		in.Started = in.Created
	}
	if in.Disks == nil {
		in.Disks = []Disk{{Type: "system", SizeGiB: 40}}
	}
	for i := range in.Disks {
		d := &in.Disks[i]
		def(&d.ID, "d-bp1"+text36(digest(in.ID+string(rune('a'+i)))))
		def(&d.Name, d.ID)
		def(&d.Type, "data")
		def(&d.Category, "cloud_efficiency")
		def(&d.Device, "/dev/xvd"+string(rune('a'+i)))
		def(&d.Status, "In_use")
		if d.SizeGiB == 0 {
			d.SizeGiB = 40
		}
	}
}

// moveToVPC is what a migration does to a classic instance.
// Source: the migration notice: the network becomes a VPC, the private address
// is any of the vSwitch's, the public address stays and its interface goes, and
// with no bandwidth the public address is released.
func (in *Instance) moveToVPC() {
	if !in.Classic {
		return
	}
	tail := text36(digest(in.ID + "vpc"))
	in.Classic = false
	in.VPC, in.VSwitch = in.TargetVPC, in.TargetVSwitch
	if in.VPC == "" {
		in.VPC = "vpc-bp1" + tail
	}
	if in.VSwitch == "" {
		in.VSwitch = "vsw-bp1" + tail
	}
	in.PrivateIP = hostIn(in.TargetCIDR, in.ID)
	if len(in.MACs) > 1 {
		in.MACs = in.MACs[:1]
	}
	if in.Bandwidth == 0 {
		in.PublicIP = ""
	}
	in.SecurityGroups = []string{"sg-bp1" + tail} // a group lives in one network
	for i := range in.Disks {
		if letter, xen := strings.CutPrefix(in.Disks[i].Device, "/dev/xvd"); xen {
			in.Disks[i].Device = "/dev/vd" + letter
		}
	}
}

// appendGiB is how long 1 GiB is appended below the disks of a migrated
// instance. Source: the migration notice, 4 hours for each 100 GiB.
const appendGiB = 4 * time.Hour / 100

// appended is how long that takes for all its disks.
func (in *Instance) appended() time.Duration {
	gib := 0
	for _, d := range in.Disks {
		gib += d.SizeGiB
	}
	return time.Duration(gib) * appendGiB
}

// digest is a number that looks random and is the same every time.
func digest(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// text36 is n in the alphabet of the cloud's ids.
func text36(n uint64) string {
	const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
	out := make([]byte, 12)
	for i := range out {
		out[i] = alphabet[n%36]
		n = n/36 ^ n<<7
	}
	return string(out)
}

// hostIn picks an address inside prefix, not its first four nor its last.
func hostIn(prefix netip.Prefix, id string) string {
	base := prefix.Masked().Addr().As4()
	size := uint64(1) << (32 - prefix.Bits())
	n := uint64(base[0])<<24 | uint64(base[1])<<16 | uint64(base[2])<<8 | uint64(base[3])
	if size > 8 {
		n += 4 + digest(id)%(size-5)
	}
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}).String()
}

// mac is the n-th interface's address; 00:16:3e is what Xen guests get.
func mac(id string, n byte) string {
	const hexDigits = "0123456789abcdef"
	d := digest(id)
	parts := []string{"00", "16", "3e"}
	for i := range 3 {
		b := byte(d >> (8 * i))
		if i == 2 {
			b = b&0xfe | n
		}
		parts = append(parts, string([]byte{hexDigits[b>>4], hexDigits[b&15]}))
	}
	return strings.Join(parts, ":")
}

// AddInstance gives the account, by id or name ("" is the first), an instance.
func (s *Server) AddInstance(accountName string, in Instance) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	acc := s.accountOf(accountName)
	if acc == nil {
		return errNoAccount(accountName)
	}
	return acc.add(in)
}

// Instances are all instances as of now, by account, region and id.
func (s *Server) Instances() []Instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Instance
	for _, acc := range s.accounts {
		for _, name := range acc.Regions {
			reg := acc.regions[name]
			s.settle(reg)
			for _, in := range reg.instances {
				out = append(out, *in.clone())
			}
		}
	}
	return out
}
