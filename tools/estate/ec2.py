"""Networks, instances, volumes, snapshots, images and the settings of a region.

Most of what is evaluated here is told by lists, and a list is refused as a whole: in the second account's second region instances, security groups and
addresses, in the third's volumes and network interfaces.
"""
from model import FAIL, NOT_APPLICABLE, OF_KIND, PASS, UNKNOWN, stage_of, verdicts_of

ARN = "arn:aws:ec2:{region}:{account}:{kind}/{id}"
PREFIX = {"AWS::EC2::Instance": "instance", "AWS::EC2::Volume": "volume", "AWS::EC2::SecurityGroup": "security-group", "AWS::EC2::VPC": "vpc",
          "AWS::EC2::EIP": "elastic-ip"}
INSTANCE = {"EC2IMDSv1Enabled": PASS, "EC2PublicIPAssigned": PASS, "EC2UnencryptedEBS": PASS}
GROUP = {"EC2SecurityGroupOpenToWorld": PASS, "EC2SecurityGroupHighRiskPort": PASS, "EC2SecurityGroupDefaultUsed": NOT_APPLICABLE}
DEFAULT_GROUP = {**GROUP, "EC2SecurityGroupDefaultUsed": PASS}
VPC = {"VPCFlowLogsDisabled": PASS, "VPCDefaultInProduction": NOT_APPLICABLE}
KINDS = ("good", "bad")
# Where lists of groups, instances and addresses are refused, and where those of volumes and network interfaces are.
GROUPS_HIDDEN, FACTS_HIDDEN = (1, 1), (2, 1)

# What cannot be named exists once per region: what each is made to be, by account and region.
DEFAULT_VPCS = {(0, 0): "good", (0, 1): "bad", (1, 0): "bad", (1, 1): "good", (2, 0): "good", (2, 1): "unknown"}
SETTINGS = {(0, 0): "good", (0, 1): "good", (1, 0): "bad", (1, 1): "bad", (2, 0): "bad", (2, 1): "unknown"}

INSTANCES = [
    ("EC2IMDSv1Enabled", "good", {"MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"}}, {}),
    ("EC2IMDSv1Enabled", "bad", {"MetadataOptions": {"HttpTokens": "optional", "HttpEndpoint": "enabled"}}, {}),
    ("EC2PublicIPAssigned", "good", {}, {}),
    ("EC2PublicIPAssigned", "bad", {"public": True}, {}),
    ("EC2UnencryptedEBS", "good", {}, {}),
    ("EC2UnencryptedEBS", "bad", {"encrypted": False}, {}),
]
ANYWHERE, OFFICE, ANYWHERE_6 = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, {"IpRanges": [{"CidrIp": "198.51.100.0/24"}]}, {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}


def tcp(low, high, sources):
    return {"IpProtocol": "tcp", "FromPort": low, "ToPort": high, **sources}


SSH_FROM_ANYWHERE = tcp(22, 22, ANYWHERE)
# By region: the bad ones differ.
GROUPS = [
    ("EC2SecurityGroupOpenToWorld", "good", [tcp(443, 443, OFFICE)], [tcp(443, 443, OFFICE)], {}),
    ("EC2SecurityGroupOpenToWorld", "bad", [tcp(443, 443, ANYWHERE)], [tcp(8443, 8443, ANYWHERE_6)], {}),
    ("EC2SecurityGroupHighRiskPort", "good", [tcp(22, 22, OFFICE)], [tcp(3306, 3306, OFFICE)], {}),
    ("EC2SecurityGroupHighRiskPort", "bad", [SSH_FROM_ANYWHERE], [tcp(3000, 3400, ANYWHERE_6)], {"EC2SecurityGroupOpenToWorld": FAIL}),
]


def build(estate):
    estate.networks = {(account, region): Cell(estate, account, region) for account, region in estate.cells()}
    for cell in estate.networks.values():
        cell.build()
    for call, account, types in (
        ("DescribeInstances", 1, ["Instance"]), ("DescribeSecurityGroups", 1, ["SecurityGroup"]), ("DescribeAddresses", 1, ["EIP"]),
        ("DescribeVolumes", 2, ["Volume"]), ("DescribeNetworkInterfaces", 2, ["NetworkInterface"]),
    ):
        estate.deny_list(f"ec2:{call}", account, [f"AWS::EC2::{t}" for t in types], region=1)
    estate.deny("ec2:DescribeFlowLogs", 2, region=1)
    estate.deny("ec2:GetEbsEncryptionByDefault", 2, region=1)


class Cell:
    """One account in one region."""

    def __init__(self, estate, account, region):
        self.estate, self.account, self.region = estate, account, region
        self.ec2 = estate.client("ec2", account, region)
        self.cell = (account, region)
        self.main = self.subnet = self.group = self.image = self.backed_up = None

    def build(self):
        self.estate.at(0, self.base)
        for policy, kind, first, second, also in GROUPS:
            self.variant(policy, kind, self.rules_variant, (first, second)[self.region], also)
            if kind == "bad" and self.cell == GROUPS_HIDDEN:
                self.variant(policy, "unknown", self.rules_variant, (first, second)[self.region], {})
        for policy, kind, different, also in INSTANCES:
            # What refuses one fact refuses it of everything in the region: there are no good ones then.
            hidden = FACTS_HIDDEN if policy == "EC2UnencryptedEBS" else GROUPS_HIDDEN
            if self.cell != hidden or hidden == GROUPS_HIDDEN:
                self.variant(policy, kind, self.instance, different, also)
            if kind == "bad" and self.cell == hidden:
                self.variant(policy, "unknown", self.instance, different, {})
        for policy, make, hidden in (
            ("VPCFlowLogsDisabled", self.logged_vpc, FACTS_HIDDEN), ("EC2SecurityGroupDefaultUsed", self.vpc_with_default_group, FACTS_HIDDEN),
            ("EBSUnencrypted", self.volume_variant, FACTS_HIDDEN), ("EC2ElasticIPUnassociated", self.address, GROUPS_HIDDEN),
        ):
            for kind in ("unknown",) if self.cell == hidden else KINDS:
                self.variant(policy, kind, make)
        for policy, make in (("EBSSnapshotPublic", self.snapshot), ("EC2ImagePublic", self.shared_image)):
            for kind in (*KINDS, "unknown"):
                self.variant(policy, kind, make)

    def variant(self, policy, kind, make, *arguments):
        self.estate.at(stage_of(policy, kind, self.account), make, policy, kind, *arguments)

    def base(self):
        """What the variants stand on."""
        # The emulator keeps the snapshots of its own images in every account; nobody shares them.
        for snapshot in self.own_snapshots():
            self.expect("AWS::EC2::Snapshot", self.without_account("snapshot", snapshot["SnapshotId"]), "emulator", {"EBSSnapshotPublic": PASS})
        self.settings()
        self.default_vpc()
        self.main = self.vpc("estate", VPC)
        self.subnet = self.ec2.create_subnet(VpcId=self.main, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.group = self.security_group(self.main, "estate", [], GROUP)
        self.image = self.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        self.backed_up = self.volume("backed-up", encrypted=True)
        self.expect("AWS::EC2::Volume", self.backed_up, "backed-up", {"EBSUnencrypted": PASS})

    def expect(self, type_name, id_, name, verdicts):
        hidden = {GROUPS_HIDDEN: ("AWS::EC2::Instance", "AWS::EC2::SecurityGroup", "AWS::EC2::EIP"), FACTS_HIDDEN: ("AWS::EC2::Volume",)}
        if type_name in hidden.get(self.cell, ()):
            self.estate.hidden.append(name)
            return
        if self.cell == FACTS_HIDDEN:
            # Not known without volumes, interfaces and flow logs. A group that is not the default one is not asked for its interfaces.
            hidden = ("EC2UnencryptedEBS", "VPCFlowLogsDisabled", "VPCDefaultInProduction", "EC2SecurityGroupDefaultUsed")
            verdicts = {p: UNKNOWN if p in hidden and v != NOT_APPLICABLE else v for p, v in verdicts.items()}
        arn = id_ if id_.startswith("arn:") else ARN.format(
            region=self.estate.regions[self.region], account=self.estate.accounts[self.account], kind=PREFIX[type_name], id=id_)
        self.estate.expect(self.account, self.region, type_name, arn, name, verdicts)

    def name(self, id_, name):
        self.ec2.create_tags(Resources=[id_], Tags=[{"Key": "Name", "Value": name}, {"Key": "team", "Value": ("platform", "orders", "web")[self.account]}])

    def settings(self):
        kind = SETTINGS[self.cell]
        if kind == "good":
            self.ec2.enable_ebs_encryption_by_default()
        policy = "EBSDefaultEncryptionDisabled"
        arn = f"arn:aws:ec2:{self.estate.regions[self.region]}:{self.estate.accounts[self.account]}:settings"
        self.expect("AWS::EC2::Region", arn, f"{policy}--{kind}", verdicts_of({}, policy, kind))

    def flow_logs(self, vpc):
        made = self.ec2.create_flow_logs(
            ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::access-logs-{self.region}-{self.estate.accounts[self.account]}")
        if made.get("Unsuccessful"):
            raise SystemExit(f"no flow logs: {made['Unsuccessful']}")

    def default_group(self, vpc):
        filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
        return self.ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]

    def default_vpc(self):
        """What came with the account, flow logs added. A bad one is in use."""
        kind = DEFAULT_VPCS[self.cell]
        vpc = self.ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
        name = f"VPCDefaultInProduction--{kind}"
        self.name(vpc, name)
        self.flow_logs(vpc)
        self.expect("AWS::EC2::VPC", vpc, name, verdicts_of(VPC, "VPCDefaultInProduction", kind))
        self.expect("AWS::EC2::SecurityGroup", self.default_group(vpc), name, DEFAULT_GROUP)
        if kind == "bad":
            subnet = self.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]["SubnetId"]
            group = self.security_group(vpc, "workload", [], GROUP)
            self.interface(subnet, group, name)

    def vpc(self, name, verdicts, logged=True, default_group=DEFAULT_GROUP):
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.name(vpc, name)
        if logged:
            self.flow_logs(vpc)
        self.expect("AWS::EC2::VPC", vpc, name, verdicts)
        group = self.default_group(vpc)
        self.name(group, name)
        self.expect("AWS::EC2::SecurityGroup", group, name, default_group)
        return vpc

    def logged_vpc(self, policy, kind):
        self.vpc(f"{policy}--{kind}", verdicts_of(VPC, policy, kind), logged=kind == "good")

    def vpc_with_default_group(self, policy, kind):
        vpc = self.vpc(f"{policy}--{kind}", VPC, default_group=verdicts_of(DEFAULT_GROUP, policy, kind))
        if kind == "bad":
            subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
            self.interface(subnet, self.default_group(vpc), f"{policy}--{kind}")

    def interface(self, subnet, group, name):
        return self.ec2.create_network_interface(SubnetId=subnet, Groups=[group], Description=name)["NetworkInterface"]["NetworkInterfaceId"]

    def address(self, policy, kind):
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        self.name(address, f"{policy}--{kind}")
        if kind == "good":
            self.ec2.associate_address(AllocationId=address, NetworkInterfaceId=self.interface(self.subnet, self.group, f"{policy}--{kind}"))
        self.expect("AWS::EC2::EIP", address, f"{policy}--{kind}", verdicts_of({}, policy, kind))

    def rules_variant(self, policy, kind, rules, also):
        self.security_group(self.main, f"{policy}--{kind}", rules, verdicts_of(GROUP, policy, kind, also))

    def security_group(self, vpc, name, rules, verdicts):
        group = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        self.name(group, name)
        if rules:
            self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
        self.expect("AWS::EC2::SecurityGroup", group, name, verdicts)
        return group

    def instance(self, policy, kind, different, also):
        name = f"{policy}--{kind}"
        encrypted = different.get("encrypted", True)
        run = self.ec2.run_instances(
            ImageId=self.image, MinCount=1, MaxCount=1, InstanceType="t3.micro",
            MetadataOptions=different.get("MetadataOptions", {"HttpTokens": "required", "HttpEndpoint": "enabled"}),
            NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": self.subnet, "Groups": [self.group], "AssociatePublicIpAddress": different.get("public", False)}],
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "Encrypted": encrypted, "DeleteOnTermination": True}}])
        instance = run["Instances"][0]["InstanceId"]
        self.name(instance, name)
        self.expect("AWS::EC2::Instance", instance, name, verdicts_of(INSTANCE, policy, kind, also))
        for volume in self.ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]:
            self.expect("AWS::EC2::Volume", volume["VolumeId"], name, {"EBSUnencrypted": PASS if encrypted else FAIL})

    def volume_variant(self, policy, kind):
        volume = self.volume(f"{policy}--{kind}", encrypted=kind == "good")
        self.expect("AWS::EC2::Volume", volume, f"{policy}--{kind}", {policy: OF_KIND[kind]})

    def volume(self, name, encrypted):
        zone = f"{self.estate.regions[self.region]}a"
        volume = self.ec2.create_volume(AvailabilityZone=zone, Size=20, Encrypted=encrypted)["VolumeId"]
        self.name(volume, name)
        return volume

    def snapshot(self, policy, kind):
        name = f"{policy}--{kind}"
        snapshot = self.ec2.create_snapshot(VolumeId=self.backed_up, Description=name)["SnapshotId"]
        self.name(snapshot, name)
        share = {"GroupNames": ["all"]} if kind == "bad" else {"UserIds": [self.estate.accounts[0]]}
        self.ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", **share)
        if kind == "unknown":
            self.estate.deny("ec2:DescribeSnapshotAttribute", self.account, snapshot, self.region)
        self.expect("AWS::EC2::Snapshot", self.without_account("snapshot", snapshot), name, verdicts_of({}, policy, kind))

    def shared_image(self, policy, kind):
        name = f"{policy}--{kind}"
        before = {s["SnapshotId"] for s in self.own_snapshots()}
        image = self.ec2.register_image(
            Name=name, RootDeviceName="/dev/sda1", Architecture="x86_64", VirtualizationType="hvm",
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8}}])["ImageId"]
        self.name(image, name)
        if kind == "bad":
            self.ec2.modify_image_attribute(ImageId=image, Attribute="launchPermission", OperationType="add", UserGroups=["all"])
        if kind == "unknown":
            self.estate.deny("ec2:DescribeImageAttribute", self.account, image, self.region)
        self.expect("AWS::EC2::Image", self.without_account("image", image), name, verdicts_of({}, policy, kind))
        # The emulator makes a snapshot for it; nobody shares that.
        for snapshot in self.own_snapshots():
            if snapshot["SnapshotId"] not in before:
                self.expect("AWS::EC2::Snapshot", self.without_account("snapshot", snapshot["SnapshotId"]), name, {"EBSSnapshotPublic": PASS})

    def own_snapshots(self):
        return self.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]

    def without_account(self, kind, id_):
        return f"arn:aws:ec2:{self.estate.regions[self.region]}::{kind}/{id_}"
