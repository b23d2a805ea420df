package ecs

import (
	"encoding/json"
	"net/http"
	"path"
	"slices"
)

func instanceSeq(in *Instance) int64 { return in.seq }

// idArray reads a parameter that is a JSON array of at most 100 ids. given is
// false when it is absent; an empty array is a filter that nothing passes.
// Source: API reference, DescribeInstances and DescribeDisks; the code for too
// many is InvalidInstanceIds.Malformed's manner (inferred).
func (c *call) idArray(name string) (ids map[string]bool, given bool, refusal *apiError) {
	text := c.req.params[name]
	if text == "" {
		return nil, false, nil
	}
	var list []string
	if json.Unmarshal([]byte(text), &list) != nil {
		return nil, true, refuse(http.StatusBadRequest, "Invalid"+name+".Malformed", "The specified %s are malformed.", name)
	}
	if len(list) > 100 {
		return nil, true, refuse(http.StatusBadRequest, "Invalid"+name+".Malformed", "The amount of specified %s exceeds the limit.", name)
	}
	return set(list), true, nil
}

// describeInstances is the facts of instances.
// Source: API reference, DescribeInstances.
func describeInstances(c *call) ([]byte, *apiError) {
	p := c.req.params
	ids, given, refusal := c.idArray("InstanceIds")
	if refusal != nil {
		return nil, refusal
	}
	page, refusal := c.pager(pageLimits{max: 100})
	if refusal != nil {
		return nil, refusal
	}
	tags := c.req.tags()
	found := cut(c.server, page, c.region.instances, instanceSeq, func(in *Instance) bool {
		return (!given || ids[in.ID]) && in.matches(tags, p["ResourceGroupId"]) &&
			in.is(p["Status"], in.Status) && in.is(p["ZoneId"], in.Zone) && in.is(p["VpcId"], in.VPC) &&
			in.is(p["VSwitchId"], in.VSwitch) && in.is(p["InstanceNetworkType"], in.network()) &&
			in.is(p["InstanceType"], in.Type) && like(p["InstanceName"], in.Name) &&
			(p["SecurityGroupId"] == "" || slices.Contains(in.SecurityGroups, p["SecurityGroupId"]))
	})
	list := make([]wireInstance, len(found.items))
	for i, in := range found.items {
		list[i] = in.wire()
	}
	return c.reply(page.members(found.next, found.total), map[string]any{
		"Instances": map[string]any{"Instance": list},
	}), nil
}

// like matches a name with * in the pattern; "" matches any.
func like(pattern, name string) bool {
	if pattern == "" {
		return true
	}
	ok, err := path.Match(pattern, name)
	return err == nil && ok
}

func (in *Instance) network() string {
	if in.Classic {
		return "classic"
	}
	return "vpc"
}

type ipList struct {
	IPAddress []string `json:"IpAddress"`
}

// wireInstance is an instance as DescribeInstances tells it: the members that
// a migration's facts need, and some that every client expects.
type wireInstance struct {
	InstanceID              string `json:"InstanceId"`
	InstanceName            string
	HostName                string
	Description             string
	RegionID                string `json:"RegionId"`
	ZoneID                  string `json:"ZoneId"`
	Status                  string
	InstanceType            string
	InstanceNetworkType     string
	InstanceChargeType      string
	InternetChargeType      string
	InternetMaxBandwidthOut int
	InternetMaxBandwidthIn  int
	OSType                  string
	OSName                  string
	ImageID                 string `json:"ImageId"`
	CPU                     int    `json:"Cpu"`
	Memory                  int
	IoOptimized             bool
	CreationTime            string
	StartTime               string
	ExpiredTime             string
	ResourceGroupID         string `json:"ResourceGroupId"`
	SerialNumber            string
	PublicIPAddress         ipList `json:"PublicIpAddress"`
	InnerIPAddress          ipList `json:"InnerIpAddress"`
	EipAddress              wireEIP
	VpcAttributes           wireVPC
	SecurityGroupIDs        wireGroups `json:"SecurityGroupIds"`
	NetworkInterfaces       wireNICs
	OperationLocks          wireLocks
	Tags                    wireTags
}

type wireEIP struct {
	AllocationID       string `json:"AllocationId"`
	IPAddress          string `json:"IpAddress"`
	InternetChargeType string
	Bandwidth          int `json:",omitempty"`
}

type wireVPC struct {
	VpcID            string `json:"VpcId"`
	VSwitchID        string `json:"VSwitchId"`
	NatIPAddress     string `json:"NatIpAddress"`
	PrivateIPAddress ipList `json:"PrivateIpAddress"`
}

type wireGroups struct {
	SecurityGroupID []string `json:"SecurityGroupId"`
}

type wireNICs struct{ NetworkInterface []wireNIC }

type wireNIC struct {
	MacAddress         string
	NetworkInterfaceID string `json:"NetworkInterfaceId"`
	PrimaryIPAddress   string `json:"PrimaryIpAddress"`
	Type               string
}

type wireLocks struct{ LockReason []wireLock }

type wireLock struct{ LockReason string }

type wireTags struct{ Tag []wireTag }

type wireTag struct{ TagKey, TagValue string }

// wire is the instance's JSON. On the classic network the second interface is
// the public one (inferred: no sample shows a classic instance's interfaces).
func (in *Instance) wire() wireInstance {
	w := wireInstance{
		InstanceID: in.ID, InstanceName: in.Name, HostName: in.ID, RegionID: in.Region, ZoneID: in.Zone,
		Status: in.Status, InstanceType: in.Type, InstanceNetworkType: in.network(),
		InstanceChargeType: "PrePaid", InternetChargeType: "PayByBandwidth",
		InternetMaxBandwidthOut: in.Bandwidth, InternetMaxBandwidthIn: 200,
		OSType: in.OSType, OSName: in.OSName, ImageID: "centos_7_9_x64_20G_alibase.vhd", CPU: 2, Memory: 4096,
		IoOptimized: true, CreationTime: in.Created.UTC().Format(minuteForm), StartTime: in.Started.UTC().Format(minuteForm), ExpiredTime: "2099-12-31T15:59Z",
		ResourceGroupID: in.ResourceGroup, SerialNumber: text36(digest(in.ID + "serial")),
		PublicIPAddress: ips(in.PublicIP), InnerIPAddress: ips(), EipAddress: wireEIP{IPAddress: in.EIP},
		VpcAttributes:    wireVPC{PrivateIPAddress: ips()},
		SecurityGroupIDs: wireGroups{in.SecurityGroups},
		OperationLocks:   wireLocks{[]wireLock{}}, Tags: wireTags{[]wireTag{}},
	}
	if in.Classic {
		w.InnerIPAddress = ips(in.PrivateIP)
	} else {
		w.VpcAttributes = wireVPC{VpcID: in.VPC, VSwitchID: in.VSwitch, PrivateIPAddress: ips(in.PrivateIP)}
	}
	w.NetworkInterfaces.NetworkInterface = []wireNIC{}
	for i, mac := range in.MACs {
		nic := wireNIC{MacAddress: mac, NetworkInterfaceID: "eni-bp1" + text36(digest(mac)), PrimaryIPAddress: in.PrivateIP, Type: "Primary"}
		if i > 0 {
			nic.PrimaryIPAddress, nic.Type = in.PublicIP, "Secondary"
		}
		w.NetworkInterfaces.NetworkInterface = append(w.NetworkInterfaces.NetworkInterface, nic)
	}
	for _, reason := range in.Locks {
		w.OperationLocks.LockReason = append(w.OperationLocks.LockReason, wireLock{reason})
	}
	for _, key := range sortedKeys(in.Tags) {
		w.Tags.Tag = append(w.Tags.Tag, wireTag{key, in.Tags[key]})
	}
	return w
}

func ips(addresses ...string) ipList {
	out := ipList{[]string{}}
	for _, a := range addresses {
		if a != "" {
			out.IPAddress = append(out.IPAddress, a)
		}
	}
	return out
}
