package ecs

import (
	"net/http"
	"time"
)

// controlInstance is an Instance in the control API's JSON.
type controlInstance struct {
	Account        string            `json:"account,omitempty"` // to add: id or name
	ID             string            `json:"id"`
	Name           string            `json:"name,omitempty"`
	Region         string            `json:"region"`
	Zone           string            `json:"zone,omitempty"`
	Status         string            `json:"status,omitempty"`
	Classic        bool              `json:"classic,omitempty"`
	PublicIP       string            `json:"public_ip,omitempty"`
	EIP            string            `json:"eip,omitempty"`
	PrivateIP      string            `json:"private_ip,omitempty"`
	VPC            string            `json:"vpc,omitempty"`
	VSwitch        string            `json:"vswitch,omitempty"`
	Bandwidth      int               `json:"bandwidth,omitempty"`
	MACs           []string          `json:"macs,omitempty"`
	SecurityGroups []string          `json:"security_groups,omitempty"`
	Tags           map[string]string `json:"tags,omitempty"`
	Locks          []string          `json:"locks,omitempty"`
	OSType         string            `json:"os_type,omitempty"`
	Created        time.Time         `json:"created,omitzero"`
	Started        time.Time         `json:"started,omitzero"`
	Disks          []controlDisk     `json:"disks,omitempty"`
}

type controlDisk struct {
	ID       string `json:"id,omitempty"`
	Type     string `json:"type,omitempty"`
	Category string `json:"category,omitempty"`
	Device   string `json:"device,omitempty"`
	SizeGiB  int    `json:"size_gib,omitempty"`
}

func (s *Server) controlInstances() []controlInstance {
	var out []controlInstance
	for _, in := range s.Instances() {
		one := controlInstance{
			ID: in.ID, Name: in.Name, Region: in.Region, Zone: in.Zone, Status: in.Status, Classic: in.Classic,
			PublicIP: in.PublicIP, EIP: in.EIP, PrivateIP: in.PrivateIP, VPC: in.VPC, VSwitch: in.VSwitch,
			Bandwidth: in.Bandwidth, MACs: in.MACs, SecurityGroups: in.SecurityGroups, Tags: in.Tags, Locks: in.Locks,
			OSType: in.OSType, Created: in.Created, Started: in.Started,
		}
		for _, d := range in.Disks {
			one.Disks = append(one.Disks, controlDisk{d.ID, d.Type, d.Category, d.Device, d.SizeGiB})
		}
		out = append(out, one)
	}
	return out
}

func (s *Server) controlAddInstance(r *http.Request) (any, error) {
	var c controlInstance
	if err := read(r, &c); err != nil {
		return nil, err
	}
	in := Instance{
		ID: c.ID, Name: c.Name, Region: c.Region, Zone: c.Zone, Status: c.Status, Classic: c.Classic,
		PublicIP: c.PublicIP, EIP: c.EIP, PrivateIP: c.PrivateIP, VPC: c.VPC, VSwitch: c.VSwitch,
		Bandwidth: c.Bandwidth, MACs: c.MACs, SecurityGroups: c.SecurityGroups, Tags: c.Tags, Locks: c.Locks,
		OSType: c.OSType, Created: c.Created, Started: c.Started,
	}
	for _, d := range c.Disks {
		in.Disks = append(in.Disks, Disk{ID: d.ID, Type: d.Type, Category: d.Category, Device: d.Device, SizeGiB: d.SizeGiB})
	}
	return map[string]bool{"ok": true}, s.AddInstance(c.Account, in)
}
