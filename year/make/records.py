"""Writes what surrounds the model in each quarter: workspace, inventories, scans, statements, exercises, waivers, answers.

The company is invented, and so are its people and records; what the model gives away is measured by attack.py, and the losses
in the statements are those that it measured. Run attack.py first.
"""
import json
import os

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
SHA = {name: __import__("hashlib").sha256(name.encode()).hexdigest() for name in ("data sheet", "impact", "budget exercise", "notification exercise", "revocation exercise", "erasure", "legal note")}
BOTH = ["membership-inference", "inversion"]
HORN = {"name": "M. Horn", "role": "Head of Machine Learning"}
MARSH = {"name": "A. Marsh", "role": "Head of Platform Security"}
OKAFOR = {"name": "Ruth Okafor", "role": "Data Protection Officer"}

QUARTERS = {
    "q1": {"version": "1.0", "from": "2026-01-01", "to": "2026-03-31", "deployed": "2026-01-19", "before": "2026-01-14", "after": "2026-03-03", "listed": "2026-03-10", "used": "2026-03-09", "expires": "2026-04-20", "made": "2026-03-01", "threats": "2026-02-02", "month": "2026-02"},
    "q2": {"version": "2.0", "from": "2026-04-01", "to": "2026-06-30", "deployed": "2026-04-20", "before": "2026-04-14", "after": "2026-06-02", "listed": "2026-06-09", "used": "2026-06-08", "expires": "2026-07-20", "made": "2026-06-01", "threats": "2026-05-04", "month": "2026-05"},
    # The threat model of the second quarter was not redone after the retraining in July.
    "q3": {"version": "3.0", "from": "2026-07-01", "to": "2026-09-30", "deployed": "2026-07-20", "before": "2026-07-14", "after": "2026-09-01", "listed": "2026-09-08", "used": "2026-09-07", "expires": "2026-10-20", "made": "2026-09-01", "threats": "2026-05-04", "month": "2026-08"},
    "q4": {"version": "4.0", "from": "2026-10-01", "to": "2026-12-31", "deployed": "2026-10-12", "before": "2026-10-06", "after": "2026-11-17", "listed": "2026-11-20", "used": "2026-11-19", "expires": "2026-12-20", "made": "2026-11-02", "threats": "2026-11-02", "month": "2026-10"},
}


class Flow(dict):
    """A mapping written on one line."""


class Dumper(yaml.SafeDumper):
    pass


Dumper.add_representer(Flow, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True))


def write(quarter, file, kind, schema, comment="", **fields):
    path = os.path.join(HERE, "..", quarter, file)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    up = "../" * (file.count("/") + 2)
    with open(path, "w") as out:
        out.write(f"# yaml-language-server: $schema={up}schemas/{schema}.schema.json\n" + (f"# {comment}\n" if comment else ""))
        yaml.dump({"apiVersion": "probity/v1", "kind": kind, **fields}, out, Dumper=Dumper, sort_keys=False, width=180, allow_unicode=True)


def system(q, day):
    write(
        q, "probity.yaml", "System", "system",
        id="claims-desk", name="Claims Desk",
        description="Triages insurance claims, completes claim notes and answers from them. Invented, as is everybody in it; it really runs, and was really attacked.",
        organisation="Example Mutual", classification="Confidential, example",
        owner=Flow(name="Model Risk", contact="model-risk@example.org"),
        tags=Flow(owner="Model Risk", unit="claims"),
        riskTier="moderate", period=Flow({"from": day["from"], "to": day["to"]}),
        models=[Flow(id="claims-model", version=day["version"], provider="self-hosted", deployed=day["deployed"], training="own")],
        surfaces=["model-api"],
        data=[Flow(name="claim notes", sensitivity="personal")],
        **({"differentialPrivacy": Flow(epsilon=1, delta=1e-5)} if q == "q4" else {}),
        evidence=["evidence/**/*"],
        sources=[
            {
                "match": "evidence/scores/triage.csv.gz", "technique": "relative-membership", "surface": "model-api", "collected": day["after"],
                "probe": "triage model with 8 reference models", "target": "claims-model",
                "assignment": Flow(random=True, by="M. Horn, data engineering", how="seeded permutation of the pool before training"),
                "positiveControl": Flow(file="evidence/scores/twin.csv.gz", how="the same attack on a twin that was grown until it knew its records by heart"),
            },
            {"match": "evidence/scores/twin.csv.gz", "technique": "relative-membership", "surface": "model-api", "collected": day["after"], "probe": "over-fitted twin", "target": "over-fitted-twin"},
        ],
        ignoredTargets=[Flow(target="over-fitted-twin", reason="The positive control: a copy on which the attack has to succeed.")],
    )


def access(q, day):
    token = {"id": "service/inference/token", "type": "token", "created": day["made"], "lastUsed": day["used"]}
    # In the first quarter the token had no end.
    if q != "q1":
        token["expires"] = day["expires"]
    # Since October the workload proves itself by its platform, and holds no token.
    tokens = [] if q == "q4" else [Flow(token)]
    service = {
        "id": "service/inference", "type": "machine", "owner": "Platform Team", "ownerStatus": "current", "created": "2026-01-12", "lastUsed": day["used"], "admin": False,
        "reaches": ["model-api"], "entitlements": [Flow(actions=["model:Invoke"], resources=["model/claims-model"])], "credentials": tokens,
        "usedBy": Flow(workloads=["answering"], environments=["production"], tenants=["example"]), "stages": ["inference"], "rights": ["call-model"], "interactive": Flow(enabled=False),
        "authentication": {"method": "oidc", "issuer": "https://token.example.org", "audience": "claims-model", "conditions": [Flow(claim="sub", value="repo:example/claims-desk:ref:refs/heads/main")]},
    }
    # Nobody has called it since October 2025. Its removal waits for the year-end close: a waiver says so from June on.
    legacy = {
        **service, "id": "service/legacy-scoring", "created": "2024-05-06", "lastUsed": "2025-10-02", "credentials": [],
        "usedBy": Flow(workloads=["legacy-scoring"], environments=["production"], tenants=["example"]),
        "authentication": {"method": "oidc", "issuer": "https://token.example.org", "audience": "claims-model", "conditions": [Flow(claim="sub", value="repo:example/legacy-scoring:ref:refs/heads/main")]},
    }
    release = {
        "id": "service/release", "type": "machine", "owner": "Platform Team", "ownerStatus": "current", "created": "2026-01-12", "lastUsed": day["used"], "admin": False, "reaches": ["model-weights"],
        "entitlements": [Flow(actions=["read"], resources=["weights/claims-model"])], "credentials": [],
        "usedBy": Flow(workloads=["release"], environments=["build"], tenants=["example"]), "stages": ["tuning"], "rights": ["read-data"], "interactive": Flow(enabled=False),
        "weights": Flow(copies=True, reason="builds the release", approvedBy="Risk Committee", expires="2027-01-01"),
        "authentication": {"method": "oidc", "issuer": "https://token.example.org", "audience": "weights", "conditions": [Flow(claim="sub", value="repo:example/claims-release:ref:refs/heads/main")]},
    }
    people = [
        Flow(id="person/marsh", type="human", owner="A. Marsh", mfa=True, credentials=[Flow(id="person/marsh/session", type="token", created=day["made"], expires=day["expires"], lastUsed=day["used"])], lastUsed=day["used"], reaches=["model-api"], entitlements=[Flow(actions=["model:Configure"], resources=["model/claims-model"])], stages=["inference"], rights=["call-model"]),
        Flow(id="account/root", type="human", owner="Head of Platform", root=True, mfa=True, lastUsed=day["used"], entitlements=[], stages=["inference"], rights=["call-model"]),
    ]
    write(
        q, "evidence/access/inventory.yaml", "AccessInventory", "access-inventory", collected=day["listed"], thirdParties="none",
        identities=[service, legacy, release, *people],
        resources=[
            Flow(id="model/claims-model", type="model", surface="model-api", stage="inference", sensitivity="internal"),
            Flow(id="weights/claims-model", type="model", surface="model-weights", stage="tuning", sensitivity="restricted"),
        ],
    )
    write(
        q, "evidence/access/secrets.yaml", "SecretScan", "secret-scan", collected=day["listed"], tool=Flow(name="gitleaks", version="8.24"), scanned=["git/claims-desk", "git/claims-training"],
        findings=[Flow(id="f-1", rule="generic-api-key", file="deploy/env.sh", line=12, verified=True, **({} if q == "q1" else {"review": Flow(decision="revoked", by="A. Marsh", on="2026-03-18")}))],
    )


def statement(control, text, by, issued, facts, classes=BOTH, **more):
    return {"control": control, "attackClass": classes, "statement": text, "facts": Flow(facts), "by": Flow(by), "issued": issued, **more}


def statements(q, day):
    with open(os.path.join(HERE, "..", q, "measured.json")) as file:
        measured = json.load(file)
    issued = day["threats"] if q != "q3" else "2026-08-03"
    listed = [
        statement("MI-10", "Losses of the release, as measured on its records and on as many others.", HORN, issued, {"trainLoss": measured["trainLoss"], "heldOutLoss": measured["heldOutLoss"], "duplicatesRemoved": day["before"], "protection": {"q2": "regularisation", "q4": "differential-privacy"}.get(q, "none")}, ["membership-inference"]),
        statement("MON-01", "Logged apart, each with the identity.", MARSH, issued, {"events": ["model-access", "tool-call", "secret-use"], "identityInEvent": True}),
        statement("MON-02", "The rule fired on the planned test.", MARSH, day["listed"], {"rule": "near-identical prompts, SIEM rule 4711", "exercised": day["after"]}),
        statement("GOV-04", "One owner for each stage.", OKAFOR, issued, {"data": "Data Office", "training": "M. Horn", "deployment": "Model Platform", "prompts": "Claims Platform", "tools": "K. Lund", "incidentResponse": "A. Marsh"}),
        statement("GOV-07", "Where the training data comes from.", OKAFOR, issued, {"provenance": "register entry D-114", "minimisation": "field list of 2026-01", "retention": "three years"}, document=Flow(title="Data sheet D-114", sha256=SHA["data sheet"])),
        statement("GOV-09", "From medium impact on a person approves.", {"name": "K. Lund", "role": "Head of Claims"}, issued, {"approvalFrom": "medium", "approvalPoints": ["send letter", "change payee"]}),
        statement("GOV-10", "Entry R-31 of the register.", OKAFOR, issued, {"register": "R-31", "tolerance": "1 in 1000"}, ["membership-inference"]),
        statement("GOV-10", "Entry R-32 of the register.", OKAFOR, issued, {"register": "R-32", "tolerance": "1 in 100"}, ["inversion"]),
    ]
    if q != "q1":
        listed += [
            statement("MON-04", "Exercise of the runbook.", MARSH, issued, {"procedure": "RB-7", "exercised": "2026-04-28", "minutesToContain": 35}),
            statement("GOV-05", "The privacy assessment covers this class by name.", OKAFOR, issued, {"residualRisk": "low", "privacyAssessment": "DPIA-2026-04"}, expires="2027-04-20"),
        ]
    write(q, "evidence/governance/statements.yaml", "Attestation", "attestation", statements=listed)


def interface(q, day):
    first = q == "q1"
    write(
        q, "evidence/governance/interface.yaml", "Interface", "interface", collected=day["listed"],
        outputs=[Flow(surface="model-api", gives="rounded-score", decimals=2, audience="handlers"), Flow(surface="model-api", gives="text", audience="handlers")],
        channels=[Flow(surface="model-api", remoteContent="allowed" if first else "blocked", activeContent="blocked", cacheSharedBy="everybody" if first else "nobody", streaming="padded", errors="uniform")],
    )


def logs(q, day):
    events = [
        Flow(id="e-1", type="model-access", time=f"{day['month']}-07T09:12:44Z", identity="person/lund"),
        Flow(id="e-2", type="tool-call", time=f"{day['month']}-07T09:12:45Z", identity="service/inference"),
        Flow(id="e-3", type="secret-use", time=f"{day['month']}-07T09:12:45Z", identity="service/inference"),
    ]
    for i in range(12):
        events.append(Flow(id=f"a{i}", type="model-access", time=f"{day['month']}-08T09:{10 + i}:44Z", identity="person/lund", output=f"o{i}"))
        events.append(Flow(id=f"d{i}", type="data-access", time=f"{day['month']}-08T09:{10 + i}:43Z", identity="service/inference", output=f"o{i}", data=[f"claim/{4200 + i}"]))
    write(q, "evidence/governance/events.yaml", "EventSample", "event-sample", collected=day["listed"], source="central log, outputs drawn at random from one month", events=events)
    if q != "q1":
        write(
            q, "evidence/governance/stores.yaml", "StoreFacts", "store-facts", collected=day["listed"],
            stores=[{"id": "log/answers", "type": "traces", "authorisation": Flow(by="caller", since="2026-04-20", audience="https://log.example.org"), "partitions": "caller", "readers": ["role/log-operations"], "encryption": Flow(atRest=True, inTransit=True), "backups": "none", "retentionDays": 30, "masking": Flow(masks=["personal-data", "secrets"], sampled=day["listed"], entries=400, unmasked=0)}],
        )


def governance(q, day):
    write(
        q, "evidence/governance/threats.yaml", "ThreatModel", "threat-model", title="Claims Desk", collected=day["threats"],
        threats=[
            {"id": "T-1", "title": "A caller learns whose claim was in training", "status": "open", "severity": "high", "mitigation": "Training that keeps no record by heart", "owner": "Model Platform", "due": "2027-01-31", "attackClasses": ["membership-inference"], "surfaces": ["model-api"]},
            {"id": "T-2", "title": "A caller gets claim notes back", "status": "open", "severity": "high", "mitigation": "Rare contexts are not learnt; sessions are kept apart", "owner": "Model Platform", "due": "2027-01-31", "attackClasses": ["inversion"], "surfaces": ["model-api"]},
        ],
    )
    write(
        q, "evidence/governance/data.yaml", "DataSheet", "data-sheet", collected=day["listed"],
        datasets=[Flow(id="D-114", feeds="training", sensitivity="confidential", records=13000, ingested="2026-01-09", scrub=Flow(tool=Flow(name="presidio", version="2.2"), on="2026-01-08", searched=13000, found=40, removed=40))],
    )
    if q == "q1":
        return
    exercise = lambda one, **fields: {"id": one, **fields}
    write(
        q, "evidence/governance/exercises.yaml", "ExerciseLog", "exercise-log",
        exercises=[
            exercise("X-4", of="query-budget", attackClasses=BOTH, real=False, started="2026-05-11T08:00:00Z", finished="2026-05-11T20:00:00Z", surface="model-api", budget=Flow(queries=400, hours=24, per="identity"), sent=430, refusedAt=401, by=Flow(MARSH), record=Flow(title="Exercise X-4", sha256=SHA["budget exercise"])),
            exercise("X-5", of="breach-notification", attackClasses=BOTH, real=False, started="2026-05-18T08:00:00Z", finished="2026-05-20T10:00:00Z", notified=[Flow(whom="authority", at="2026-05-19T15:00:00Z"), Flow(whom="people", at="2026-05-20T10:00:00Z"), Flow(whom="customers", at="2026-05-20T10:00:00Z")], by=Flow(OKAFOR), record=Flow(title="Exercise X-5", sha256=SHA["notification exercise"])),
            exercise("X-7", of="secret-revocation", attackClasses=BOTH, real=True, started="2026-03-18T08:00:00Z", finished="2026-03-18T10:00:00Z", refusedAfter=True, by=Flow(MARSH), record=Flow(title="Revocation X-7", sha256=SHA["revocation exercise"])),
            exercise("E-30", of="erasure", attackClasses=BOTH, real=True, started="2026-05-04", finished="2026-05-22", surfaces=["model-api"], records=2400, probe="asked for what was erased", by=Flow(OKAFOR), record=Flow(title="Erasure E-30", sha256=SHA["erasure"])),
        ],
    )
    write(
        q, "evidence/governance/impact.yaml", "ImpactAssessment", "impact-assessment",
        assessments=[{"id": "DPIA-2026-04", "type": "data-protection", "residualRisk": Flow({"membership-inference": "low", "inversion": "low"}), "completed": {"q2": "2026-05-06", "q3": "2026-08-05", "q4": "2026-10-20"}[q], "document": Flow(title="DPIA-2026-04", sha256=SHA["impact"]), "approved": Flow(name="Ruth Okafor", role="Data Protection Officer", on={"q2": "2026-05-08", "q3": "2026-08-07", "q4": "2026-10-23"}[q]), "triggers": ["model", "data"]}],
        notRequired=[{"type": "fundamental-rights", "reason": "A private deployer of a system that is not of high risk; article 27 does not oblige it.", "document": Flow(title="Legal note L-12", sha256=SHA["legal note"]), "decided": Flow(name="Ruth Okafor", role="Data Protection Officer", on="2026-04-28")}],
    )
    write(
        q, "evidence/governance/waivers.yaml", "Waiver", "waiver",
        waivers=[{"control": "ACC-07", "attackClass": one, "reason": "The legacy scoring account is removed with the year-end close; it may only call the model, and nobody has.", "approver": "Head of Model Risk", "issued": "2026-06-10", "expires": "2026-12-31"} for one in BOTH],
    )


def answers():
    """What people answered to the findings of the quarter before, as imported from its workbook."""
    given = {
        "q2": [("MI-02.membership-inference", "M. Horn", "2026-04-20", "closed", "Leaves hold at least 150 claims since version 2.0."), ("INV-07.inversion", "K. Lund", "2026-09-30", "in progress", "Sessions are kept apart by office since version 2.0; by caller with the new gateway.")],
        "q3": [("INV-07.inversion", "K. Lund", "2026-10-12", "in progress", "The gateway that keeps callers apart goes live with version 4.0."), ("MI-07.membership-inference", "M. Horn", "2026-07-20", "closed", "Numbers are masked before training since version 3.0.")],
        "q4": [("MI-02.membership-inference", "M. Horn", "2026-10-12", "closed", "The retraining job of July had lost its settings. Version 4.0 is trained with differential privacy, and the job refuses to run without."), ("GOV-02.membership-inference", "A. Marsh", "2026-11-02", "closed", "Redone on 2 November."), ("GOV-02.inversion", "A. Marsh", "2026-11-02", "closed", "Redone on 2 November."), ("INV-07.inversion", "K. Lund", "2026-10-12", "closed", "Sessions are kept apart by caller since version 4.0.")],
    }
    for q, rows in given.items():
        write(q, "responses.yaml", "Responses", "responses", responses=[{"finding": finding, "owner": owner, "due": due, "status": status, "response": text} for finding, owner, due, status, text in rows])


for quarter, days in QUARTERS.items():
    for part in (system, access, statements, interface, logs, governance):
        part(quarter, days)
answers()
print("written")
