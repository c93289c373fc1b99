{{- define "atelier.selector" -}}
app.kubernetes.io/name: atelier
app.kubernetes.io/component: operator
{{- end }}

{{- define "atelier.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/*
The objects of a file that deploy/ has as well, but for namespaces, which Helm makes: (list $ "files/rbac.yaml").
With watchNamespaces, what the operator may do in namespaces is a Role in each of them, and in the cluster nothing.
*/}}
{{- define "atelier.file" -}}
{{- $root := index . 0 }}
{{- range splitList "\n---\n" ($root.Files.Get (index . 1)) }}
{{- $object := fromYaml . }}
{{- $name := $object.metadata.name }}
{{- with $object.metadata.namespace }}{{ $_ := set $object.metadata "namespace" $root.Release.Namespace }}{{ end }}
{{- range $object.subjects }}{{ $_ := set . "namespace" $root.Release.Namespace }}{{ end }}
{{- if and $root.Values.watchNamespaces (hasPrefix "ClusterRole" $object.kind) (hasPrefix "atelier-operator" $name) }}
{{- $_ := set $object "kind" (trimPrefix "Cluster" $object.kind) }}
{{- with $object.roleRef }}{{ $_ := set . "kind" "Role" }}{{ end }}
{{- range ternary (list) $root.Values.watchNamespaces (eq $name "atelier-operator-cluster") }}
{{- $_ := set $object.metadata "namespace" . }}
---
{{ toYaml $object }}
{{- end }}
{{- else if ne $object.kind "Namespace" }}
---
{{ toYaml $object }}
{{- end }}
{{- end }}
{{- end }}
